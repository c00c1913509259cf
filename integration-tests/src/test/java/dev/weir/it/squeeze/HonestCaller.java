package dev.weir.it.squeeze;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.protobuf.MessageLite;
import dev.weir.v1.AdminServiceGrpc;
import dev.weir.v1.GetLatestRequest;
import dev.weir.v1.GetServerInfoRequest;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.Selector;
import dev.weir.v1.Start;
import dev.weir.v1.SubscribeServiceGrpc;
import io.grpc.Channel;
import io.grpc.Status;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * An honest client of unary calls, one every 50 ms: what the server is, a page of readings, the
 * last value of a sensor. It does not wait for one before it makes the next. One that is refused is
 * made again after the retry delay, as a client does; it is as late as it is then. Thread-safe.
 */
final class HonestCaller {
  private static final long PERIOD_NANOS = 50_000_000;
  private static final long TICK_NANOS = 2_000_000;
  private static final long DEADLINE_SECONDS = 20;

  /** So many calls may be open; those due beyond are made when one ends. */
  private static final int OPEN_MAX = 500;

  private static final int KINDS = 3;
  private static final int KIND_CHARS = 100;

  private record Retry(long number, long atNanos) {}

  private final Queue<Retry> refused = new ConcurrentLinkedQueue<>();
  private final OpenLoop answers = new OpenLoop(System.nanoTime(), PERIOD_NANOS);
  private final RefusalTime refusedTime = new RefusalTime();
  private final AtomicInteger open = new AtomicInteger();
  private final Map<String, Integer> failures = new ConcurrentHashMap<>();
  private final Thread thread = daemon(this::callAll);
  private final AdminServiceGrpc.AdminServiceFutureStub admin;
  private final SubscribeServiceGrpc.SubscribeServiceFutureStub reads;
  private volatile boolean over;

  HonestCaller(Channel channel) {
    admin = AdminServiceGrpc.newFutureStub(channel);
    reads = SubscribeServiceGrpc.newFutureStub(channel);
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "honest-caller");
    thread.setDaemon(true);
    return thread;
  }

  void start() {
    thread.start();
  }

  /** Returns the times at which calls are due, and were answered with what was asked. */
  OpenLoop answers() {
    return answers;
  }

  RefusalTime refusedTime() {
    return refusedTime;
  }

  /** Takes the number of refusals by message; counting begins anew. */
  Map<String, Integer> takeFailures() {
    Map<String, Integer> taken = Map.copyOf(failures);
    failures.clear();
    return taken;
  }

  private void callAll() {
    long next = answers.dueBy(System.nanoTime());
    while (!over) {
      Retry first = refused.peek();
      if (first != null && first.atNanos - System.nanoTime() <= 0) {
        refused.remove();
        open.incrementAndGet();
        call(first.number, System.nanoTime());
      } else if (next < answers.dueBy(System.nanoTime()) && open.get() < OPEN_MAX) {
        open.incrementAndGet();
        call(next, System.nanoTime());
        next++;
      } else {
        LockSupport.parkNanos(TICK_NANOS);
      }
    }
  }

  private void call(long number, long askedNanos) {
    Futures.addCallback(
        ask(number),
        new FutureCallback<MessageLite>() {
          @Override
          public void onSuccess(MessageLite answer) {
            long now = System.nanoTime();
            open.decrementAndGet();
            answers.done(number, now);
            refusedTime.accepted(askedNanos, now);
          }

          @Override
          public void onFailure(Throwable failure) {
            open.decrementAndGet();
            failures.merge(kindOf(failure), 1, Integer::sum);
            refusedTime.refused(System.nanoTime(), failure.toString());
            refused.add(
                new Retry(number, System.nanoTime() + SqueezeOptions.RETRY_DELAY.toNanos()));
          }
        },
        MoreExecutors.directExecutor());
  }

  /** Returns the beginning of the message, without numbers that differ each time. */
  private static String kindOf(Throwable failure) {
    Status status = Status.fromThrowable(failure);
    String text = String.valueOf(status.getDescription()).replaceAll("\\d+", "N");
    return status.getCode() + " " + text.substring(0, Math.min(text.length(), KIND_CHARS));
  }

  private ListenableFuture<? extends MessageLite> ask(long number) {
    if (number % KINDS == 0) {
      return admin
          .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
          .getServerInfo(GetServerInfoRequest.getDefaultInstance());
    }
    SubscribeServiceGrpc.SubscribeServiceFutureStub stub =
        reads.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    Selector one = Selector.newBuilder().addNames(HonestPublisher.sensor(number)).build();
    return number % KINDS == 1
        ? stub.getLatest(
            GetLatestRequest.newBuilder().setTopic(HonestPublisher.TOPIC).setSelector(one).build())
        : stub.read(
            ReadRequest.newBuilder()
                .setTopic(HonestPublisher.TOPIC)
                .setSelector(one)
                .setStart(Start.newBuilder().setEarliest(true))
                .setLimit(1)
                .build());
  }

  /** Makes no more calls. */
  void end() throws InterruptedException {
    over = true;
    thread.join(TimeUnit.SECONDS.toMillis(DEADLINE_SECONDS));
  }
}
