package dev.weir.bench.system;

import dev.weir.bench.load.KeyValues;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** The bare relay, batched by hand; the call's readiness holds it back. */
final class RelayPublisher implements SystemPublisher {
  private static final long PARK_NANOS = 1_000_000;

  private final ManagedChannel channel;
  private final ClientCall<byte[], byte[]> call;
  private final MessagePacking packing;
  private final AtomicLong failures = new AtomicLong();
  private final Thread publisher = Thread.currentThread();
  private long sent;

  RelayPublisher(KeyValues settings, MessagePacking packing) {
    this.packing = packing;
    channel = RelaySubscriber.channel(settings);
    call =
        channel.newCall(
            RelayMethods.PUBLISH,
            CallOptions.DEFAULT.withOnReadyThreshold(RelayMethods.READY_BYTES));
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onReady() {
            LockSupport.unpark(publisher);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            failures.addAndGet(status.isOk() ? 0 : 1);
          }
        },
        new Metadata());
  }

  @Override
  public void publish(int sensor, long timeNanos, double value) {
    sent++;
    if (packing.add(sensor, timeNanos, value)) {
      send();
    }
  }

  private void send() {
    while (!call.isReady() && failures.get() == 0) {
      LockSupport.parkNanos(this, PARK_NANOS);
    }
    call.sendMessage(packing.take());
  }

  @Override
  public boolean drain(Duration timeout) {
    if (!packing.isEmpty()) {
      send();
    }
    return failures.get() == 0;
  }

  @Override
  public long acknowledged() {
    return sent;
  }

  @Override
  public long failures() {
    return failures.get();
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
