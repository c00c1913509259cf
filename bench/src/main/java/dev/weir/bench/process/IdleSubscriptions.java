package dev.weir.bench.process;

import dev.weir.bench.load.BenchRuntime;
import dev.weir.v1.Format;
import dev.weir.v1.Phase;
import dev.weir.v1.Selector;
import dev.weir.v1.SubscribeOpen;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.SubscribeServiceGrpc;
import dev.weir.v1.Subscription;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Many subscriptions to all of a topic over a few connections, by generated stubs, so that the side
 * of the client stays small. Owned by one thread; its counts are thread-safe.
 */
final class IdleSubscriptions implements AutoCloseable {
  /** Sessions opened ahead of the server's answers, below its {@code control_queue_tasks}. */
  private static final int OPENING_MAX = 256;

  private static final Duration PATIENCE = Duration.ofSeconds(80);

  private final List<ManagedChannel> channels = new ArrayList<>();
  private final List<StreamObserver<SubscribeRequest>> sessions = new ArrayList<>();
  private final Semaphore opening = new Semaphore(OPENING_MAX);
  private final AtomicLong deliveries = new AtomicLong();
  private final AtomicReference<String> problem = new AtomicReference<>();
  private final String topic;

  IdleSubscriptions(EventLoopGroup group, InetSocketAddress server, String topic, int connections) {
    this.topic = topic;
    for (int i = 0; i < connections; i++) {
      channels.add(
          NettyChannelBuilder.forAddress(server)
              .usePlaintext()
              .eventLoopGroup(group)
              .channelType(NioSocketChannel.class)
              .directExecutor()
              .offloadExecutor(Runnable::run)
              .disableRetry()
              .build());
    }
  }

  ManagedChannel channel() {
    return channels.get(0);
  }

  /** Opens sessions in turn over the connections; returns when all have caught up. */
  void open(int count, int subscriptionsEach) throws InterruptedException {
    for (int i = 0; i < count; i++) {
      acquire(1);
      var stub = SubscribeServiceGrpc.newStub(channels.get(i % channels.size()));
      var session = stub.subscribe(new Session(subscriptionsEach));
      sessions.add(session);
      session.onNext(request(subscriptionsEach));
    }
    acquire(OPENING_MAX);
    opening.release(OPENING_MAX);
  }

  private void acquire(int permits) throws InterruptedException {
    boolean acquired = opening.tryAcquire(permits, PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (!acquired || problem.get() != null) {
      throw new IllegalStateException("sessions did not open: " + problem.get());
    }
  }

  private SubscribeRequest request(int subscriptions) {
    SubscribeOpen.Builder open = SubscribeOpen.newBuilder();
    for (int i = 0; i < subscriptions; i++) {
      open.addSubscriptions(
          Subscription.newBuilder()
              .setId(i)
              .setTopic(topic)
              .setSelector(Selector.newBuilder().setAll(true))
              .setFormat(Format.FORMAT_COLUMNS));
    }
    return SubscribeRequest.newBuilder().setOpen(open).build();
  }

  /** Waits until so many deliveries came in all; returns how many did. */
  long awaitDeliveries(long count) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (deliveries.get() < count && System.nanoTime() < deadline) {
      BenchRuntime.pause(Duration.ofMillis(20));
    }
    return deliveries.get();
  }

  /** Describes the first problem; empty: none. */
  String problem() {
    String text = problem.get();
    return text == null ? "" : text;
  }

  @Override
  public void close() {
    for (ManagedChannel channel : channels) {
      channel.shutdownNow();
    }
    try {
      for (ManagedChannel channel : channels) {
        channel.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Counts; owned by the event loop. */
  private final class Session implements StreamObserver<SubscribeResponse> {
    private int opening;

    Session(int subscriptions) {
      this.opening = subscriptions;
    }

    @Override
    public void onNext(SubscribeResponse response) {
      switch (response.getResponseCase()) {
        case DELIVERY -> deliveries.incrementAndGet();
        case PHASE -> {
          if (response.getPhase().getPhase() == Phase.PHASE_CAUGHT_UP && --opening == 0) {
            IdleSubscriptions.this.opening.release();
          }
        }
        case STATUS -> {
          if (response.getStatus().hasProblem()) {
            onProblem(response.getStatus().getProblem().getMessage());
          }
        }
        case OPENED, SENSORS -> {}
        default -> onProblem("unexpected " + response.getResponseCase());
      }
    }

    @Override
    public void onError(Throwable failure) {
      onProblem(failure.toString());
    }

    @Override
    public void onCompleted() {
      onProblem("a session ended");
    }

    private void onProblem(String text) {
      problem.compareAndSet(null, text);
      IdleSubscriptions.this.opening.release();
    }
  }
}
