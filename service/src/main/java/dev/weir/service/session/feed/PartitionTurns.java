package dev.weir.service.session.feed;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.partition.Partition;

/**
 * The turns of the partitions that one feed reads, and its wait for the next commit in any of them.
 * Owned by the event loop.
 */
@OwnedBy("event loop")
final class PartitionTurns {
  private final FeedSetting setting;
  private final FeedSpec order;
  private final FeedEndOffsets ends;
  private final FeedSources sources;
  private final Runnable[] wakes;
  private final boolean[] awaiting;
  private int turn;

  /**
   * @param wake is called when something was committed in a partition that is waited for
   */
  PartitionTurns(
      FeedSetting setting,
      FeedSpec order,
      FeedEndOffsets ends,
      FeedSources sources,
      Runnable wake) {
    this.setting = setting;
    this.order = order;
    this.ends = ends;
    this.sources = sources;
    int partitions = order.topic().partitions().size();
    this.wakes = new Runnable[partitions];
    this.awaiting = new boolean[partitions];
    for (int p = 0; p < partitions; p++) {
      int partition = p;
      wakes[p] =
          () -> {
            awaiting[partition] = false;
            wake.run();
          };
    }
  }

  /** A partition with something to read now, in turns; -1 for none. */
  int next(Cursor cursor) {
    int partitions = wakes.length;
    for (int i = 0; i < partitions; i++) {
      int partition = (turn + i) % partitions;
      if (!order.skips(partition)
          && cursor.position(partition).offset() < ends.offset(partition)
          && !sources.awaitsView(partition)) {
        turn = (partition + 1) % partitions;
        return partition;
      }
    }
    return -1;
  }

  /** Waits for every partition; false if one got something meanwhile. */
  boolean waitAtHead(Cursor cursor) {
    for (Partition partition : order.topic().partitions()) {
      int p = partition.number();
      if (!awaiting[p]) {
        awaiting[p] = true;
        setting.fanout().await(partition.tail(), setting.loop(), wakes[p]);
      }
    }
    return !ends.anyLeft(cursor);
  }

  /** Waits no more. */
  void close() {
    for (Partition partition : order.topic().partitions()) {
      if (awaiting[partition.number()]) {
        setting.fanout().forget(partition.tail(), setting.loop(), wakes[partition.number()]);
      }
      if (order.topic().deleted()) { // the other feeds hear it from the topic
        setting.fanout().drop(partition.tail());
      }
    }
  }
}
