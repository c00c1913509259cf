package dev.weir.service.log.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.common.file.Checksum;
import dev.weir.service.core.Slice;
import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.RecordType;
import dev.weir.service.log.TestRecords;
import dev.weir.service.log.segment.file.PartitionEpochs;
import dev.weir.service.log.segment.file.SegmentOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bytes of docs/formats.md: a change here makes stored data unreadable. */
final class SegmentFormatTest {
  private static final long EPOCH = 0x1_CB58L;
  private static final Path SEGMENT = TestEngine.DIRECTORY.resolve("00000000000000000000.log");
  private static final Path CHECKPOINT =
      TestEngine.DIRECTORY.resolve("checkpoint-00000000000000000001");

  private static final LogRecord RECORD =
      new LogRecord(
          0,
          EPOCH,
          0x1112_1314_1516_1718L,
          RecordType.BATCH,
          "p1",
          2,
          3,
          0,
          4,
          -5,
          6,
          Slice.of(new byte[] {0x21, 0x22, 0x23}),
          Slice.of(new byte[] {0x31, 0x32, 0x33, 0x34}));
  private static final Checkpoint FOLD =
      new Checkpoint(EPOCH, 1, 4, Slice.of(new byte[] {0x41, 0x42}));

  private static final String SEGMENT_HEX =
      "57525347a93a394101000000800000003030303030303030303030303030616200000000"
          + "000000000000000000000000000000000000000058cb0100000000000100000000000000"
          + "07000000000000000000000000000080e01ca09c431a9816000000000000000000000000"
          + "000000000000000000000000000000000000000057525243c14ea2ce01010000bd008b2a"
          + "eef43af60200000003000000040000000400000000000000000000000000000058cb0100"
          + "000000001817161514131211020000000000000003000000000000000000000000000000"
          + "fbffffffffffffff06000000000000000000000000000000000000000000000000000000"
          + "00000000703121222331323334";
  private static final String WATERMARK_SLOT_HEX =
      "5752574da2a3b31a01000000000000000300000000000000010000000000000004000000"
          + "0000000058cb0100000000001817161514131211e01ca09c431a9816";
  private static final String START_COPY_HEX =
      "575253549e23b8cc010000000000000001000000000000000000000000000000";
  private static final String CHECKPOINT_HEX =
      "57524350133ac7c7010000000200000058cb010000000000010000000000000004000000"
          + "0000000000000000000000004142";

  private final TestEngine disk = new TestEngine();

  private void store() throws IOException {
    PartitionLog log = disk.start();
    assertThat(log.epoch()).isEqualTo(EPOCH);
    assertThat(TestRecords.append(log, List.of(RECORD))).isEqualTo(new AppendOutcome.Committed());
    log.checkpoint(FOLD);
    disk.engine.close();
  }

  private String hex(Path path, int from, int to) {
    return HexFormat.of().formatHex(disk.files.bytes(path), from, to);
  }

  @Test
  void files_haveTheBytesOfTheDocument() throws IOException {
    store();
    assertThat(hex(SEGMENT, 0, disk.files.bytes(SEGMENT).length)).isEqualTo(SEGMENT_HEX);
    assertThat(hex(CHECKPOINT, 0, disk.files.bytes(CHECKPOINT).length)).isEqualTo(CHECKPOINT_HEX);
    Path start = TestEngine.DATA.resolve("start");
    assertThat(hex(start, 0, 32)).isEqualTo(START_COPY_HEX);
    assertThat(hex(start, 512, 544)).isEqualTo(START_COPY_HEX);
    assertThat(hex(TestEngine.DIRECTORY.resolve("watermark"), 0, 64)).isEqualTo(WATERMARK_SLOT_HEX);
  }

  @Test
  void filesOfThisForm_areRead() throws IOException {
    put(SEGMENT, HexFormat.of().parseHex(SEGMENT_HEX));
    put(CHECKPOINT, HexFormat.of().parseHex(CHECKPOINT_HEX));
    put(TestEngine.DATA.resolve("start"), HexFormat.of().parseHex(START_COPY_HEX));
    put(TestEngine.DIRECTORY.resolve("watermark"), HexFormat.of().parseHex(WATERMARK_SLOT_HEX));

    PartitionLog log = disk.start();

    assertThat(TestRecords.read(log)).containsExactly(RECORD);
    assertThat(log.checkpoint()).contains(FOLD);
    assertThat(PartitionEpochs.startNumber(log.epoch())).isEqualTo(2);
    assertThat(disk.events).isEmpty();
  }

  private void put(Path path, byte[] bytes) throws IOException {
    disk.files.open(path);
    disk.files.replace(path, bytes);
  }

  @Test
  void newerVersions_areRefusedAndNotTakenForDamage() throws IOException {
    store();
    for (Path path : List.of(TestEngine.DATA.resolve("start"), SEGMENT)) {
      TestEngine newer = disk.copy();
      byte[] bytes = newer.files.bytes(path);
      bytes[8] = 2;
      int sealed = path.equals(SEGMENT) ? 128 : 32;
      reseal(bytes, sealed);
      newer.files.replace(path, bytes);
      assertThatThrownBy(newer::start)
          .as("%s", path)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("version 2");
    }
  }

  private static void reseal(byte[] bytes, int length) {
    int checksum = Checksum.of(bytes, 8, length - 8);
    for (int i = 0; i < 4; i++) {
      bytes[4 + i] = (byte) (checksum >>> 8 * i);
    }
  }

  @Test
  void optionsOutOfBounds_areRefusedByName() {
    SegmentOptions defaults = SegmentOptions.defaults();
    assertThat(defaults.segmentBytes()).isEqualTo(67_108_864);
    assertThat(defaults.withSegmentBytes(4_096).segmentBytes()).isEqualTo(4_096);
    assertThatThrownBy(() -> defaults.withSegmentBytes(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("segmentBytes: 1");
  }
}
