package dev.weir.service.session.feed;

import dev.weir.common.Loop;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.fanout.Fanout;
import dev.weir.service.session.CatchUpPool;
import dev.weir.service.session.FeedRegistry;
import dev.weir.service.session.ServerContext;
import dev.weir.service.session.SnapshotMemory;
import dev.weir.service.view.ViewRegistry;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * What a feed works with. Immutable.
 *
 * @param loop its owner
 * @param bulkLoop the same loop; tasks that may have read the log end on it
 * @param fanout wakes it
 * @param catchUp runs fetches
 * @param feeds knows it while it lives
 * @param views takes its view back
 * @param epochNanos the server's clock, Unix nanoseconds
 * @param bytesMax bytes after which a delivery takes no more
 * @param snapshots counts what its snapshots keep in memory
 * @param unsent counts what is prepared, and says how much that may be now
 * @param peerReading whether what was sent to its peer was read; any thread
 * @param runnable is called when {@link Feed#next} may have something again
 */
public record FeedSetting(
    Loop loop,
    Loop bulkLoop,
    Fanout fanout,
    CatchUpPool.SessionTurns catchUp,
    FeedRegistry feeds,
    ViewRegistry views,
    LongSupplier epochNanos,
    int bytesMax,
    SnapshotMemory snapshots,
    Budget unsent,
    BooleanSupplier peerReading,
    Runnable runnable) {

  /** Returns the setting of the only feed of a session, which has turns for itself. */
  public static FeedSetting of(
      ServerContext context,
      Loop loop,
      int bytesMax,
      BooleanSupplier peerReading,
      Runnable runnable) {
    CatchUpPool.SessionTurns turns = context.catchUp().session();
    return of(context, turns, loop, loop.bulk(), bytesMax, peerReading, runnable);
  }

  /** Makes the setting of a session's feed whose snapshots are charged to no peer in particular. */
  public static FeedSetting of(
      ServerContext context,
      CatchUpPool.SessionTurns turns,
      Loop loop,
      Loop bulkLoop,
      int bytesMax,
      BooleanSupplier peerReading,
      Runnable runnable) {
    return new FeedSetting(
        loop,
        bulkLoop,
        context.fanout(),
        turns,
        context.feeds(),
        context.views(),
        context.epochNanos(),
        bytesMax,
        context.snapshots(""),
        context.admission().unsent(),
        peerReading,
        runnable);
  }

  /** The same for a feed whose snapshots count as those of a peer. */
  public FeedSetting heldBy(SnapshotMemory memory) {
    return new FeedSetting(
        loop,
        bulkLoop,
        fanout,
        catchUp,
        feeds,
        views,
        epochNanos,
        bytesMax,
        memory,
        unsent,
        peerReading,
        runnable);
  }
}
