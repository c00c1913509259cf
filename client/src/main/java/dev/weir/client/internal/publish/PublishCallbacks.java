package dev.weir.client.internal.publish;

import dev.weir.client.BatchAck;
import dev.weir.client.WeirException;
import dev.weir.client.internal.batch.BatchFutures;
import dev.weir.client.internal.batch.PublishBuffer;
import dev.weir.client.internal.batch.ReadingBatch;
import dev.weir.client.internal.metrics.ClientMetrics;
import dev.weir.v1.Durability;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports to user code what became of batches and of the session, on the callback thread, in order.
 * Thread-safe; no lock is held while user code runs.
 *
 * <p>What waits here still counts against the publisher's buffer, so user code that blocks holds
 * the publisher back. Events of the connection are bounded by keeping the newest only.
 */
final class PublishCallbacks {
  private static final Logger LOG = LoggerFactory.getLogger(PublishCallbacks.class);

  /** Publishers of a client share its callback thread; a busy one does not keep it. */
  private static final int EVENTS_PER_TURN = 64;

  private final Executor callbacks;
  private final PublishBuffer intake;
  private final ClientMetrics telemetry;
  private final AtomicLong readingsAcknowledged = new AtomicLong();

  private final Object lock = new Object();
  private boolean running;
  private Runnable connectionEvent;
  private final ArrayDeque<Runnable> events = new ArrayDeque<>();

  PublishCallbacks(Executor callbacks, PublishBuffer intake, ClientMetrics telemetry) {
    this.callbacks = callbacks;
    this.intake = intake;
    this.telemetry = telemetry;
  }

  void stored(int partition, List<PendingBatch> batches, String cursor, Durability durability) {
    if (batches.isEmpty()) {
      return;
    }
    if (batches.get(0).piece() != null) {
      // Nobody has a future of them and they count against no buffer: they must not wait here.
      batches.forEach(batch -> counted(batch.readings()));
      return;
    }
    post(
        () -> {
          for (PendingBatch batch : batches) {
            readingsAcknowledged.addAndGet(batch.readings());
            telemetry.count(batch.readings());
            batch
                .promise()
                .keep(
                    new BatchAck(
                        partition, batch.sequence(), batch.readings(), cursor, durability));
            intake.release(batch.heldBytes());
          }
        });
  }

  /** The batch is in the spool, which reports later what is stored. */
  void spooled(ReadingBatch batch, BatchAck ack) {
    post(
        () -> {
          batch.promise().keep(ack);
          intake.release(batch.heldBytes());
        });
  }

  /** Readings are stored for which nothing is owed. */
  void counted(int readings) {
    readingsAcknowledged.addAndGet(readings);
    telemetry.count(readings);
  }

  void failed(BatchFutures promise, int heldBytes, WeirException cause) {
    post(
        () -> {
          promise.fail(cause);
          intake.release(heldBytes);
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
    if (start && !anotherTurn()) {
      run();
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
    boolean more;
    do {
      more = runTurn();
    } while (more && !anotherTurn());
  }

  /** Runs some events; whether there may be more. */
  private boolean runTurn() {
    for (int i = 0; i < EVENTS_PER_TURN; i++) {
      Runnable event;
      synchronized (lock) {
        event = events.poll();
        if (event == null) {
          running = false;
          return false;
        }
      }
      try {
        event.run();
      } catch (RuntimeException | Error e) {
        // Also an Error: whatever waits after it has to be reported.
        LOG.warn("a listener of a publisher threw", e);
      }
    }
    return true;
  }

  /** Lets other publishers have the thread in between; false where the client is closed. */
  private boolean anotherTurn() {
    try {
      callbacks.execute(this::run);
      return true;
    } catch (RejectedExecutionException e) {
      LOG.debug("the client was closed; the rest is told without another turn", e);
      return false;
    }
  }
}
