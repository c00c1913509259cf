package dev.weir.service.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.common.file.Checksum;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.InspectedItem;
import dev.weir.service.log.InspectedPartition;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.TestRecords;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Looking into a data directory tells everything and changes nothing. */
final class InspectedPartitionTest {
  private final TestEngine disk = new TestEngine();

  @Test
  void missingDirectory_hasNoPartitions() throws IOException {
    assertThat(SegmentEngine.inspect(Path.of("/nowhere"), disk.files)).isEmpty();
  }

  @Test
  void partitions_areListedTheSystemsFirst() throws IOException {
    disk.start();
    disk.engine.claim(new PartitionId(TestEngine.PARTITION.log(), 10), true);
    disk.engine.claim(new PartitionId(TestEngine.PARTITION.log(), 2), true);
    disk.engine.claim(PartitionId.SYSTEM, true);
    List<PartitionId> ids =
        SegmentEngine.inspect(TestEngine.DATA, disk.files).stream()
            .map(InspectedPartition::id)
            .toList();
    assertThat(ids).hasSize(4).startsWith(PartitionId.SYSTEM, TestEngine.PARTITION);
    assertThat(ids.get(3).partition()).isEqualTo(10);
  }

  @Test
  void recordsDamageAndTornTail_areToldWithoutAnyChange() throws IOException {
    PartitionLog log = disk.start();
    List<LogRecord> records = new ArrayList<>();
    for (int round = 0; round < 5; round++) {
      records.addAll(TestRecords.commit(log, 2, 900, round));
    }
    disk.holdSyncs = true;
    log.append(TestRecords.next(log, 1, 5, 9), outcome -> {});
    int size = disk.files.bytes(disk.segments().get(0)).length;
    disk.files.flip(disk.segments().get(0), size - 1);
    List<Path> paths = disk.files.paths();
    Path last = disk.segments().get(disk.segments().size() - 1);
    disk.files.flip(last, disk.files.bytes(last).length - 1);
    Map<Path, Integer> before = hashes();

    List<InspectedItem> found = new ArrayList<>();
    disk.inspected().forEach(found::add);

    assertThat(hashes()).isEqualTo(before);
    assertThat(disk.files.paths()).isEqualTo(paths);
    assertThat(found).hasSize(records.size() + 1);
    int damaged = 0;
    for (int i = 0; i < records.size(); i++) {
      LogRecord record = records.get(i);
      if (found.get(i) instanceof InspectedItem.Stored stored) {
        assertThat(stored.record()).isEqualTo(record);
        assertThat(stored.bytes()).isGreaterThan(record.batch().length());
        assertThat(stored.checksum())
            .isEqualTo(
                Checksum.of(
                    record.batch().array(), record.batch().offset(), record.batch().length()));
        assertThat(stored.place()).contains(".log bytes ");
      } else {
        damaged++;
        DamagedRange range = ((InspectedItem.Damaged) found.get(i)).range();
        assertThat(range.fromOffset()).isEqualTo(i);
        assertThat(range.readings()).isEqualTo(record.readings());
      }
    }
    assertThat(damaged).isEqualTo(1);
    assertThat(found.get(records.size())).isInstanceOf(InspectedItem.Torn.class);
    assertThat(((InspectedItem.Torn) found.get(records.size())).bytes()).isBetween(128L, 300L);
  }

  private Map<Path, Integer> hashes() {
    Map<Path, Integer> hashes = new TreeMap<>();
    for (Path path : disk.files.paths()) {
      byte[] bytes = disk.files.bytes(path);
      hashes.put(path, Checksum.of(bytes, 0, bytes.length));
    }
    return hashes;
  }
}
