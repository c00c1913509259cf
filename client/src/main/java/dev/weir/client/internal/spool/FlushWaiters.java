package dev.weir.client.internal.spool;

import dev.weir.client.WeirException;
import dev.weir.common.OwnedBy;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Those who wait until everything published before is settled. Owned by the spool thread. */
@OwnedBy("spool thread")
final class FlushWaiters {
  private static final long UNKNOWN = Long.MAX_VALUE;

  private final Spool spool;
  private final SpoolAccess.Listener events;
  private final List<Flush> waiting = new ArrayList<>();
  private long taken;

  /** One call of {@code flush}. */
  private static final class Flush {
    private final CompletableFuture<Void> result;

    /** The last of what was taken from the gather that it waits for. */
    private final long lastTaken;

    /** The last frame that it waits for. */
    private long through = UNKNOWN;

    private WeirException failure;

    Flush(CompletableFuture<Void> result, long lastTaken) {
      this.result = result;
      this.lastTaken = lastTaken;
    }
  }

  FlushWaiters(Spool spool, SpoolAccess.Listener events) {
    this.spool = spool;
    this.events = events;
  }

  /**
   * Somebody waits.
   *
   * @param before how much was published before and is in no frame yet, as it will be taken
   */
  void add(CompletableFuture<Void> result, int before) {
    waiting.add(new Flush(result, taken + before));
    note();
  }

  /** One more of what was taken from the gather is in a frame. */
  void framed() {
    taken++;
    note();
  }

  /** One more of it will be in none. */
  void refused(WeirException cause) {
    taken++;
    for (Flush flush : waiting) {
      if (flush.lastTaken >= taken) {
        flush.failure = cause;
      }
    }
    note();
  }

  private void note() {
    for (Flush flush : waiting) {
      if (flush.through == UNKNOWN && flush.lastTaken <= taken) {
        flush.through = spool.lastWritten();
      }
    }
  }

  /** A frame was not stored, or not as a whole. */
  void failed(long frame, WeirException cause) {
    for (Flush flush : waiting) {
      if (frame <= flush.through) {
        flush.failure = cause;
      }
    }
  }

  /** Answers those who waited long enough. */
  void settle() {
    long settled = spool.ledger().settledThrough();
    for (Iterator<Flush> it = waiting.iterator(); it.hasNext(); ) {
      Flush flush = it.next();
      if (flush.through <= settled) {
        it.remove();
        answer(flush.result, flush.failure);
      }
    }
  }

  /** Nothing more will be settled. */
  void end(WeirException cause) {
    waiting.forEach(flush -> answer(flush.result, cause));
    waiting.clear();
  }

  private void answer(CompletableFuture<Void> result, WeirException failure) {
    events.post(
        () -> {
          if (failure == null) {
            result.complete(null);
          } else {
            result.completeExceptionally(failure);
          }
        });
  }
}
