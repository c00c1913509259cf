package dev.weir.bench.system;

import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.ReadingCheck;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The bare relay: per check a connection, whose loop decodes, so that it holds the server back. */
final class RelaySubscriber implements SystemSubscriber {
  private static final long READY_SECONDS = 30;

  private final List<ManagedChannel> channels = new ArrayList<>();
  private final AtomicLong failures = new AtomicLong();
  private final CountDownLatch subscribed;
  private volatile boolean closed;

  RelaySubscriber(KeyValues settings, List<ReadingCheck> checks) throws InterruptedException {
    subscribed = new CountDownLatch(checks.size());
    boolean columns = settings.text("system").equals("relay-columns");
    for (ReadingCheck check : checks) {
      ManagedChannel channel = channel(settings);
      channels.add(channel);
      MessageUnpacking unpacking =
          columns ? MessageUnpacking.ofColumns(settings, check) : MessageUnpacking.ofRows(check);
      ClientCall<byte[], byte[]> call =
          channel.newCall(RelayMethods.SUBSCRIBE, CallOptions.DEFAULT);
      call.start(new Listener(unpacking), new Metadata());
      call.request(Integer.MAX_VALUE);
      call.sendMessage(new byte[0]);
      call.halfClose();
    }
    if (!subscribed.await(READY_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("not subscribed after " + READY_SECONDS + " s");
    }
  }

  static ManagedChannel channel(KeyValues settings) {
    return NettyChannelBuilder.forAddress("127.0.0.1", settings.count("port"))
        .usePlaintext()
        .directExecutor()
        .flowControlWindow(RelayMethods.WINDOW_BYTES)
        .maxInboundMessageSize(RelayMethods.MESSAGE_BYTES_MAX)
        .build();
  }

  @Override
  public long failures() {
    return failures.get();
  }

  @Override
  public void close() {
    closed = true;
    channels.forEach(ManagedChannel::shutdownNow);
  }

  private final class Listener extends ClientCall.Listener<byte[]> {
    private final MessageUnpacking unpacking;

    Listener(MessageUnpacking unpacking) {
      this.unpacking = unpacking;
    }

    @Override
    public void onHeaders(Metadata headers) {
      subscribed.countDown();
    }

    @Override
    public void onMessage(byte[] message) {
      unpacking.accept(message);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (!closed) {
        failures.incrementAndGet();
        System.err.println("relay: " + status);
      }
    }
  }
}
