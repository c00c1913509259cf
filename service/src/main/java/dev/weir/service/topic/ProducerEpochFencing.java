package dev.weir.service.topic;

import dev.weir.service.partition.Partition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the greatest epoch of a producer in any partition of a topic fence lower ones in all of
 * them, when the topic is opened: a partition that was stopped has no record of the epochs that
 * producers got meanwhile. Stateless.
 */
final class ProducerEpochFencing {
  private ProducerEpochFencing() {}

  /** Levels the partitions of a topic, of which none serves yet. */
  static void level(List<Partition> partitions) {
    if (partitions.size() == 1) {
      return;
    }
    Map<String, Long> greatest = new HashMap<>();
    for (Partition partition : partitions) {
      partition
          .producers()
          .forEach(
              (id, entry) -> {
                if (entry.epoch() > 1) { // the first epoch fences nobody
                  greatest.merge(id, entry.epoch(), Math::max);
                }
              });
    }
    greatest.forEach((id, epoch) -> partitions.forEach(each -> each.fence(id, epoch)));
  }
}
