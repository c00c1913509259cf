package dev.weir.service.verify;

import dev.weir.common.OwnedBy;
import dev.weir.common.file.DataFiles;
import dev.weir.service.catalog.CursorStore;
import dev.weir.service.catalog.TopicInfo;
import dev.weir.service.core.cursor.CursorResolver;
import dev.weir.service.core.cursor.ResolvedPosition;
import dev.weir.service.log.Flaw;
import dev.weir.service.log.InspectedPartition;
import dev.weir.service.log.LogEngineProviders;
import dev.weir.service.log.LogInspection;
import dev.weir.service.log.PartitionId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checks one data directory from end to end and tells everything that is wrong in it. Owned by
 * whoever runs it; blocks on disk, and needs memory for one partition's sensors and producers.
 */
@OwnedBy("its caller")
public final class Verification {
  private final LogInspection store;
  private final VerificationReport report;
  private final Map<PartitionId, PartitionSummary> found = new LinkedHashMap<>();
  private final Map<String, TopicInfo> topics = new HashMap<>(); // by the name of their log
  private final Set<String> doomed = new HashSet<>();
  private final Set<PartitionId> present = new HashSet<>();
  private long newestEpoch;

  private Verification(LogInspection store, VerificationReport report) {
    this.store = store;
    this.report = report;
  }

  /**
   * Checks a directory; its lock is held meanwhile.
   *
   * @param report told what is found, as it is found
   * @throws dev.weir.service.log.DirectoryInUseException if a process has the directory
   * @throws IOException if there is nothing of Weir in it, or it cannot be listed
   */
  public static void run(Path dataDir, DataFiles files, VerificationReport report)
      throws IOException {
    try (LogInspection store = LogEngineProviders.load().inspect(dataDir, files, true)) {
      List<InspectedPartition> partitions = store.partitions();
      if (partitions.isEmpty()) {
        throw new IOException(
            dataDir + " holds no partitions (expected what `serve --data` was given)");
      }
      new Verification(store, report).check(partitions);
    }
  }

  private void check(List<InspectedPartition> partitions) throws IOException {
    SystemPartitionCheck system = null;
    for (InspectedPartition partition : partitions) {
      present.add(partition.id());
      if (!partition.id().equals(PartitionId.SYSTEM)) {
        topicPartition(partition);
      } else if (made(partition)
          || partitions.size() == 1) { // a first start may have been cut short
        system = new SystemPartitionCheck(this::tell);
        check(partition, "", system);
        system.fold().topics().forEach(topic -> topics.put(topic.partition(0).log(), topic));
        system.fold().deleted().forEach(topic -> doomed.add(topic.partition(0).log()));
      }
    }
    if (system == null) {
      missing(PartitionId.SYSTEM, "the system partition is missing: nothing knows the topics");
    } else if (system.complete()) {
      topics.values().forEach(this::missing);
      for (TopicInfo topic : topics.values()) {
        system.fold().cursors(topic).forEach(committed -> cursor(topic, committed));
      }
    }
    store.checkStart(newestEpoch, this::tell);
  }

  private void topicPartition(InspectedPartition partition) {
    PartitionId id = partition.id();
    TopicInfo topic = topics.get(id.log());
    if (topic != null && id.partition() < topic.partitionCount()) {
      if (!made(partition)) {
        missing(id, name(id, topic) + " has no segment file any more");
        return;
      }
      check(
          partition, topic.name(), new TopicPartitionCheck(id, topic.partitionCount(), this::tell));
      return;
    }
    String place = store.place(id);
    String words =
        doomed.contains(id.log())
            ? "its topic is deleted; it goes with the next start"
            : "no topic has it; its records are checked, its sensors are not; without records it"
                + " goes with the next start";
    tell(new Flaw(Flaw.Kind.LEFTOVER, id, null, place, words));
    check(partition, "", new TopicPartitionCheck(id, 0, this::tell));
  }

  private void check(InspectedPartition partition, String topic, PartitionRecordCheck records) {
    try {
      InspectedPartition.Checked checked = partition.check(this::tell, records);
      if (checked != null) {
        records.end(checked.range().endOffset());
        newestEpoch = Math.max(newestEpoch, checked.newestEpoch());
        var summary =
            new PartitionSummary(
                partition.id(), topic, checked.range(), records.records(), records.damaged());
        found.put(partition.id(), summary);
        report.checked(summary);
      }
    } catch (IOException | RuntimeException e) {
      report.unread(partition.id(), e);
    }
  }

  private static boolean made(InspectedPartition partition) {
    try {
      return partition.made();
    } catch (IOException e) {
      return true; // checking it says why it cannot be read
    }
  }

  private void tell(Flaw flaw) {
    TopicInfo topic = flaw.partition() == null ? null : topics.get(flaw.partition().log());
    report.flaw(topic == null ? "" : topic.name(), flaw);
  }

  private void missing(TopicInfo topic) {
    for (int p = 0; p < topic.partitionCount() && !topic.memory(); p++) {
      PartitionId id = topic.partition(p);
      if (!present.contains(id)) {
        missing(id, name(id, topic) + " is missing");
      }
    }
  }

  private static String name(PartitionId id, TopicInfo topic) {
    return "partition " + id.partition() + " of topic " + topic.name();
  }

  private void missing(PartitionId id, String words) {
    tell(new Flaw(Flaw.Kind.MISSING, id, null, store.place(id), words));
  }

  private void cursor(TopicInfo topic, CursorStore.Committed committed) {
    for (int p = 0; p < topic.partitionCount() && !topic.memory(); p++) { // those end with a start
      PartitionSummary partition = found.get(topic.partition(p));
      if (partition == null || partition.damaged()) {
        continue; // what the cursor rests on may be what is lost
      }
      ResolvedPosition resolved =
          CursorResolver.resolve(
              committed.cursor().positions().get(p), partition.range().atNextStart());
      String wrong = null;
      if (resolved instanceof ResolvedPosition.Invalid invalid) {
        wrong = invalid.why();
      } else if (resolved instanceof ResolvedPosition.Lost && !topic.buffered()) {
        wrong = "it is behind the end of its epoch";
      }
      if (wrong != null) {
        tell(
            new Flaw(
                Flaw.Kind.CURSOR,
                topic.partition(p),
                null,
                store.place(PartitionId.SYSTEM),
                "the cursor committed as \""
                    + committed.name()
                    + "\" points to nothing: "
                    + wrong));
      }
    }
  }
}
