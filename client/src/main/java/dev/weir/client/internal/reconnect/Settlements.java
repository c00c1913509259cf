package dev.weir.client.internal.reconnect;

import dev.weir.client.BatchAck;
import dev.weir.client.WeirException;
import dev.weir.client.internal.Telemetry;
import dev.weir.client.internal.batch.Intake;
import dev.weir.v1.Durability;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells user code what became of batches and of the session, on the callback thread, in order.
 * Thread-safe; no lock is held while user code runs.
 *
 * <p>What waits here still counts against the publisher's buffer, so user code that blocks holds
 * the publisher back. Events of the connection are bounded by keeping the newest only.
 */
final class Settlements {
  private static final Logger LOG = LoggerFactory.getLogger(Settlements.class);

  private final Executor callbacks;
  private final Intake intake;
  private final Telemetry telemetry;
  private final AtomicLong readingsAcknowledged = new AtomicLong();

  private final Object lock = new Object();
  private final ArrayDeque<Runnable> events = new ArrayDeque<>();
  private Runnable connectionEvent;
  private boolean running;

  Settlements(Executor callbacks, Intake intake, Telemetry telemetry) {
    this.callbacks = callbacks;
    this.intake = intake;
    this.telemetry = telemetry;
  }

  void stored(int partition, List<Outgoing> batches, String cursor, Durability durability) {
    if (batches.isEmpty()) {
      return;
    }
    post(
        () -> {
          for (Outgoing batch : batches) {
            readingsAcknowledged.addAndGet(batch.readings());
            telemetry.count(batch.readings());
            batch
                .ack()
                .complete(
                    new BatchAck(
                        partition, batch.sequence(), batch.readings(), cursor, durability));
            intake.release(batch.weightBytes());
          }
        });
  }

  void failed(CompletableFuture<BatchAck> ack, int weightBytes, WeirException cause) {
    post(
        () -> {
          ack.completeExceptionally(cause);
          intake.release(weightBytes);
        });
  }

  /** Runs after everything posted before. */
  void post(Runnable event) {
    boolean start;
    synchronized (lock) {
      events.add(event);
      start = !running;
      running = true;
    }
    if (start) {
      callbacks.execute(this::run);
    }
  }

  /** Runs soon, unless a newer event of the connection comes first. */
  void postConnection(Runnable event) {
    boolean waiting;
    synchronized (lock) {
      waiting = connectionEvent != null;
      connectionEvent = event;
    }
    if (waiting) {
      return;
    }
    post(
        () -> {
          Runnable newest;
          synchronized (lock) {
            newest = connectionEvent;
            connectionEvent = null;
          }
          if (newest != null) {
            newest.run();
          }
        });
  }

  long readingsAcknowledged() {
    return readingsAcknowledged.get();
  }

  private void run() {
    while (true) {
      Runnable event;
      synchronized (lock) {
        event = events.poll();
        if (event == null) {
          running = false;
          return;
        }
      }
      try {
        event.run();
      } catch (RuntimeException e) {
        LOG.warn("a listener of a publisher threw", e);
      }
    }
  }
}
