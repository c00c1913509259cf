package dev.weir.service.view;

import dev.weir.service.partition.Partition;
import dev.weir.service.topic.ServedTopic;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.IntFunction;

/**
 * The encoded tail of one selection, for all subscribers that asked for the same. Its parts are
 * thread-safe; its count of users is guarded by {@link ViewRegistry}.
 */
public final class View {
  private final ServedTopic topic;
  private final ViewTerms terms;
  private final long heldBytes;
  private final List<ViewPartition> partitions = new ArrayList<>();
  int users;

  View(
      ServedTopic topic,
      ViewTerms terms,
      long heldBytes,
      ViewRegistry.Setting setting,
      IntFunction<Executor> threads) {
    this.topic = topic;
    this.terms = terms;
    this.heldBytes = heldBytes;
    for (Partition partition : topic.partitions()) {
      RowPicker picker = terms.picker(topic.partitions().size());
      partitions.add(
          new ViewPartition(topic, partition, picker, threads.apply(partition.number()), setting));
    }
  }

  ServedTopic topic() {
    return topic;
  }

  /** Returns the bytes charged for it. */
  long heldBytes() {
    return heldBytes;
  }

  /** Returns its selector, event times and mode. */
  public ViewTerms terms() {
    return terms;
  }

  /** Its part of one partition. */
  public ViewPartition partition(int number) {
    return partitions.get(number);
  }

  void close() {
    partitions.forEach(ViewPartition::close);
  }
}
