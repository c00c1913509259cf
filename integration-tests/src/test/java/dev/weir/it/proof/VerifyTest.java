package dev.weir.it.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.common.file.NioDataFiles;
import dev.weir.service.log.Flaw;
import dev.weir.service.log.PartitionId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * D4: {@code weir verify} on directories whose every checksum is right and whose contents do not
 * fit each other. That it finds each flipped byte is shown by {@link ByteFlipTest}.
 */
class VerifyTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private static Path dir;

  private static Path data;
  private static MemoryFiles original;

  @BeforeAll
  static void makeDirectory() throws Exception {
    data = ByteFlipDirectory.make(dir).data();
    original = MemoryFiles.of(data);
  }

  @Test
  void cleanDirectory_hasNoFlaw_andEveryPartitionIsRead() throws IOException {
    VerifyFindings found = VerifyFindings.of(data, new NioDataFiles());

    assertThat(found.flaws()).isEmpty();
    assertThat(found.partitions()).hasSize(5);
    assertThat(found.partitions().get(0).id()).isEqualTo(PartitionId.SYSTEM);
    assertThat(found.partitions().stream().skip(1))
        .allSatisfy(one -> assertThat(one.topic()).isIn("line", "plant"))
        .allSatisfy(one -> assertThat(one.records()).isPositive());
    assertThat(MemoryFiles.of(data).paths()).isEqualTo(original.paths());
    for (Path path : original.paths()) {
      assertThat(Files.readAllBytes(path)).isEqualTo(original.bytes(path));
    }
  }

  @Test
  void recordThatSaysAnotherCount_fitsNeitherItsBatchNorTheRest() throws IOException {
    assertThat(kinds(forgedRecord(bytes -> bytes.putInt(32, bytes.getInt(32) + 1))))
        .contains(Flaw.Kind.CONTENT, Flaw.Kind.CHECKPOINT, Flaw.Kind.WATERMARK);
  }

  @Test
  void recordWithOtherEventTimes_isContent() throws IOException {
    assertThat(kinds(forgedRecord(bytes -> bytes.putLong(88, 5))))
        .containsExactly(Flaw.Kind.CONTENT);
  }

  @Test
  void recordWithAnotherSequence_isNotWhatTheCheckpointsFolded() throws IOException {
    assertThat(kinds(forgedRecord(bytes -> bytes.putLong(72, 1_000_000)))).contains(Flaw.Kind.FOLD);
  }

  @Test
  void recordOfAnEarlierTime_isOrder() throws IOException {
    assertThat(kinds(forgedRecord(bytes -> bytes.putLong(56, 1)))).contains(Flaw.Kind.ORDER);
  }

  @Test
  void segmentHeaderThatCountsOtherwise_isTold() throws IOException {
    MemoryFiles files = original.copy();
    Path second = paths(path -> path.toString().matches(".*topics.*/0*[1-9]\\d*\\.log")).get(0);
    forge(files, second, 40 + 8, 4, 8, headerBytes(second));
    assertThat(kinds(files)).containsExactly(Flaw.Kind.SEGMENT_HEADER);
  }

  @Test
  void watermarkThatCountsOtherwise_isTold() throws IOException {
    MemoryFiles files = original.copy();
    Path watermark = paths(path -> path.endsWith("watermark")).get(1);
    forge(files, watermark, 32, 4, 8, 64);
    assertThat(kinds(files)).containsExactly(Flaw.Kind.WATERMARK);
  }

  @Test
  void watermarkThatIsEmptyOrCut_isTold() throws IOException {
    for (Path watermark : paths(path -> path.endsWith("watermark"))) {
      for (int bytes : new int[] {0, 64, 4_096}) {
        MemoryFiles files = original.copy();
        files.open(watermark).truncate(bytes);
        assertThat(kinds(files))
            .as("%s: %d", watermark, bytes)
            .containsExactly(Flaw.Kind.WATERMARK);
      }
    }
  }

  @Test
  void checkpointWithAnotherState_isNoFoldOfTheLog() throws IOException {
    for (String log : List.of("topics", "system")) {
      Path checkpoint =
          paths(path -> path.toString().contains(log) && path.toString().contains("checkpoint-"))
              .get(1);
      byte[] bytes = original.bytes(checkpoint);
      boolean system = log.equals("system");
      for (int at : system ? List.of(bytes.length - 1) : folded(bytes)) {
        MemoryFiles files = original.copy();
        forge(files, checkpoint, at, 4, 8, bytes.length);
        assertThat(kinds(files)).as("%s: byte %d", log, at).containsExactly(Flaw.Kind.FOLD);
      }
      MemoryFiles files = original.copy();
      forge(files, checkpoint, 32, 4, 8, bytes.length);
      assertThat(kinds(files)).as(log).containsExactly(Flaw.Kind.CHECKPOINT);
    }
  }

  /**
   * Returns positions of everything but the sensors: times of the log, a producer's, a last
   * value's.
   */
  private static List<Integer> folded(byte[] checkpoint) {
    int times = producers(checkpoint) + 1;
    int sequence = sequence(checkpoint);
    return List.of(
        times + 7, times + 15, times + 23, times + 31, sequence, sequence + 8, value(checkpoint));
  }

  /** Returns the end of the last sequence of the first producer, by docs/formats-folds.md. */
  private static int sequence(byte[] checkpoint) {
    int first = producers(checkpoint) + 37;
    return first + 2 + ByteBuffer.wrap(checkpoint).getShort(first) + 15;
  }

  /** Returns the end of the event time of the first last value. */
  private static int value(byte[] checkpoint) {
    int producers = producers(checkpoint);
    int end = producers + ByteBuffer.wrap(checkpoint).getInt(producers - 4);
    return end + 24 + 4 + 4 + 1 + 7;
  }

  private static int producers(byte[] checkpoint) {
    return 49 + 8 + (int) ByteBuffer.wrap(checkpoint).getLong(49) + 4;
  }

  @Test
  void startNumberOlderThanTheLog_isTold() throws IOException {
    MemoryFiles files = original.copy();
    Path start = data.resolve("start");
    byte[] bytes = original.bytes(start);
    for (int at : new int[] {0, 512}) {
      byte[] copy = Arrays.copyOfRange(bytes, at, at + 32);
      ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putLong(16, 1);
      seal(copy, 4, 8);
      files.open(start).write(ByteBuffer.wrap(copy), at);
    }
    assertThat(kinds(files)).containsExactly(Flaw.Kind.START_NUMBER, Flaw.Kind.START_NUMBER);
  }

  @Test
  void whatIsNotThere_isMissing_andWhatIsNobodysIsLeftOver() throws IOException {
    MemoryFiles files = original.copy();
    Path partition = paths(path -> path.endsWith("watermark")).get(1).getParent();
    paths(path -> path.startsWith(partition)).forEach(files::delete);
    files.delete(data.resolve("start"));
    files.open(partition.resolveSibling("7").resolve("watermark"));
    files.open(data.resolve("system/0/half.tmp"));

    assertThat(kinds(files))
        .contains(Flaw.Kind.MISSING, Flaw.Kind.LEFTOVER)
        .doesNotContain(Flaw.Kind.UNUSABLE, Flaw.Kind.FOLD);
    assertThat(VerifyFindings.of(data, files).flaws())
        .filteredOn(flaw -> flaw.kind() == Flaw.Kind.MISSING)
        .extracting(Flaw::place)
        .contains(partition.toString(), data.resolve("start").toString());
  }

  @Test
  void committedCursorBehindTheEndOfItsPartition_isTold() throws IOException {
    MemoryFiles files = original.copy();
    // "plant", whose readings a durable subscription has to the end, begins anew without them.
    PartitionId id =
        VerifyFindings.of(data, original).partitions().stream()
            .filter(one -> one.topic().equals("plant") && one.range().endReadings() > 0)
            .findFirst()
            .orElseThrow()
            .id();
    Path last =
        paths(path -> path.toString().contains(id.log() + "/" + id.partition() + "/")).stream()
            .filter(path -> path.toString().endsWith(".log"))
            .reduce((one, other) -> other)
            .orElseThrow();
    files.delete(last);
    paths(path -> path.startsWith(last.getParent()) && path.toString().contains("checkpoint"))
        .forEach(files::delete);
    files.delete(last.resolveSibling("watermark"));

    assertThat(kinds(files)).contains(Flaw.Kind.CURSOR);
  }

  private static List<Flaw.Kind> kinds(MemoryFiles files) throws IOException {
    return VerifyFindings.of(data, files).flaws().stream().map(Flaw::kind).toList();
  }

  private static List<Path> paths(Predicate<Path> which) {
    return original.paths().stream().filter(which).toList();
  }

  private static int headerBytes(Path segment) {
    return ByteBuffer.wrap(original.bytes(segment)).order(ByteOrder.LITTLE_ENDIAN).getInt(12);
  }

  /** Changes the header of a partition's last batch, and seals it again. */
  private static MemoryFiles forgedRecord(Consumer<ByteBuffer> change) throws IOException {
    MemoryFiles files = original.copy();
    List<FileRegion> headers =
        FileRegionMap.of(data, original).stream()
            .filter(region -> region.purpose().equals("record header"))
            .filter(region -> region.record().readings() > 0)
            .toList();
    FileRegion region = headers.get(headers.size() - 1);
    byte[] segment = original.bytes(region.path());
    byte[] header = Arrays.copyOfRange(segment, region.from(), region.to());
    ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
    change.accept(fields);
    CRC32C crc = new CRC32C();
    crc.update(segment, 88, 8); // the salt
    crc.update(header, 8, header.length - 8);
    fields.putInt(4, (int) crc.getValue());
    files.open(region.path()).write(fields, region.from());
    return files;
  }

  /** Changes one byte and makes the checksum over a range right again. */
  private static void forge(MemoryFiles files, Path path, int at, int checksumAt, int from, int to)
      throws IOException {
    byte[] part = Arrays.copyOf(original.bytes(path), to);
    part[at] ^= 1;
    seal(part, checksumAt, from);
    files.open(path).write(ByteBuffer.wrap(part), 0);
  }

  private static void seal(byte[] bytes, int checksumAt, int from) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, bytes.length - from);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(checksumAt, (int) crc.getValue());
  }
}
