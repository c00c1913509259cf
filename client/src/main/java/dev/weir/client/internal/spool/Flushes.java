package dev.weir.client.internal.spool;

import dev.weir.client.WeirException;
import dev.weir.client.internal.OwnedBy;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Those who wait until everything published before is settled. Owned by the spool thread. */
@OwnedBy("spool thread")
final class Flushes {
  private static final long UNKNOWN = Long.MAX_VALUE;

  private final Spool spool;
  private final SpoolDesk.Events events;
  private final List<Flush> waiting = new ArrayList<>();

  /** One call of {@code flush}. */
  private static final class Flush {
    private final CompletableFuture<Void> result;

    /** The last frame that it waits for. */
    private long through = UNKNOWN;

    private WeirException failure;

    Flush(CompletableFuture<Void> result) {
      this.result = result;
    }
  }

  Flushes(Spool spool, SpoolDesk.Events events) {
    this.spool = spool;
    this.events = events;
  }

  void add(CompletableFuture<Void> result) {
    waiting.add(new Flush(result));
  }

  /** A frame was not stored, or not as a whole. */
  void failed(long frame, WeirException cause) {
    for (Flush flush : waiting) {
      if (frame <= flush.through) {
        flush.failure = cause;
      }
    }
  }

  /**
   * Answers those who waited long enough.
   *
   * @param all whether everything published before they came is in frames now
   */
  void settle(boolean all) {
    long settled = spool.ledger().settledThrough();
    for (Iterator<Flush> it = waiting.iterator(); it.hasNext(); ) {
      Flush flush = it.next();
      if (all && flush.through == UNKNOWN) {
        flush.through = spool.accepted().frames();
      }
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
