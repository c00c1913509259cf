package dev.weir.client.internal.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.client.WeirException;
import dev.weir.client.internal.batch.FramePiece;
import dev.weir.common.file.TooManyFilesException;
import dev.weir.v1.Kind;
import dev.weir.v1.Sensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a spool makes of a disk that lies, tears, is full or fails. */
class SpoolDamageTest {
  private static final Path DIRECTORY = Path.of("/spool");
  private static final Path STATE = DIRECTORY.resolve("state");
  private static final int FRAMES = 24;

  private final FakeDisk disk = new FakeDisk(new Random(3));
  private boolean dropOldest;
  private long bytesMax = 16 * 1024;

  @Test
  void byteFlippedInASegment_costsAtMostItsFrameAndIsCounted() throws IOException {
    try (Spool spool = open(disk)) {
      append(spool, 0, FRAMES);
    }
    List<Path> segments = segments(disk);
    assertThat(segments).hasSizeGreaterThan(2);
    for (Path segment : segments) {
      byte[] bytes = disk.bytes(segment);
      for (int at = 0; at < bytes.length; at++) {
        FakeDisk damaged = disk.copy();
        damaged.replace(segment, flipped(bytes, at));
        assertLosesAtMostOne(damaged, segment + ":" + at);
      }
    }
  }

  private void assertLosesAtMostOne(FakeDisk damaged, String where) throws IOException {
    int found;
    try (Spool spool = open(damaged)) {
      assertThat(spool.accepted().readings()).as(where).isEqualTo(2 * FRAMES);
      List<Integer> read = read(spool);
      found = read.size();
      assertThat(found).as(where).isBetween(FRAMES - 1, FRAMES);
      assertThat(read).as(where).isSorted().doesNotHaveDuplicates();
      assertThat(spool.status().readingsDamaged()).as(where).isEqualTo(2L * (FRAMES - found));
    }
    try (Spool again = open(damaged)) {
      assertThat(again.status().readingsDamaged()).as(where).isEqualTo(2L * (FRAMES - found));
      assertThat(again.losses().takeNewDamage()).as("told once: %s", where).isZero();
    }
  }

  @Test
  void segmentGone_isCountedExactlyAndTheRestIsSent() throws IOException {
    try (Spool spool = open(disk)) {
      append(spool, 0, FRAMES);
    }
    for (Path segment : segments(disk)) {
      FakeDisk damaged = disk.copy();
      damaged.replace(segment, null);
      try (Spool spool = open(damaged)) {
        append(spool, FRAMES, FRAMES + 1);
        List<Integer> read = read(spool);
        assertThat(read).contains(FRAMES).hasSizeLessThan(FRAMES);
        assertThat(spool.status().readingsDamaged()).isEqualTo(2L * (FRAMES + 1 - read.size()));
      }
    }
  }

  @Test
  void lastSegmentCutAtEveryByte_isAPrefix() throws IOException {
    Spool killed = open(disk);
    append(killed, 0, FRAMES);
    disk.kill();
    List<Path> segments = segments(disk);
    Path last = segments.get(segments.size() - 1);
    byte[] bytes = disk.bytes(last);
    for (int length = 0; length < bytes.length; length++) {
      FakeDisk cut = disk.copy();
      cut.replace(last, Arrays.copyOf(bytes, length));
      int kept;
      try (Spool spool = open(cut)) {
        kept = (int) spool.accepted().frames();
        assertThat(spool.status().readingsDamaged()).as("cut at %s", length).isZero();
        append(spool, 100, 101);
        List<Integer> expected = new ArrayList<>(IntStream.range(0, kept).boxed().toList());
        expected.add(100);
        assertThat(read(spool)).as("cut at %s", length).isEqualTo(expected);
      }
    }
  }

  @Test
  void byteFlippedInTheState_isRefusedWithWhatToDo() throws IOException {
    open(disk).close();
    byte[] bytes = disk.bytes(STATE);
    for (int at = 0; at < bytes.length; at++) {
      FakeDisk damaged = disk.copy();
      damaged.replace(STATE, flipped(bytes, at));
      assertThatThrownBy(() -> open(damaged))
          .isInstanceOfSatisfying(
              WeirException.class,
              e -> assertThat(e.reason()).isEqualTo(WeirException.SPOOL_DAMAGED))
          .hasMessageContaining("another directory");
      damaged.replace(STATE, bytes);
      open(damaged).close(); // it was not left locked
    }
  }

  @Test
  void stateGone_isRefused() throws IOException {
    try (Spool spool = open(disk)) {
      append(spool, 0, 1);
    }
    disk.replace(STATE, null);
    assertThatThrownBy(() -> open(disk)).hasMessageContaining("SPOOL_DAMAGED");
  }

  @Test
  void anotherProducer_isRefused_andSoIsASecondPublisher() throws IOException {
    Spool first = open(disk);
    assertThatThrownBy(() -> open(disk)).hasMessageContaining("SPOOL_IN_USE");
    first.close();
    var other = new SpoolSettings("t", "q", 7, bytesMax, false);
    assertThatThrownBy(() -> Spool.open(disk, DIRECTORY, other))
        .hasMessageContaining("SPOOL_OF_ANOTHER")
        .hasMessageContaining("producer p of topic t");
  }

  @Test
  void fullSpool_refuses_andTakesAgainWhatIsSettledMadeRoomFor() throws IOException {
    try (Spool spool = open(disk)) {
      int taken = fill(spool);
      assertThat(spool.status().bytes()).isLessThanOrEqualTo(bytesMax);
      spool.opened("a", 1, new long[] {0});
      read(spool, frame -> spool.ledger().stored(0, new FramePiece(frame, 0), frame));
      assertThat(append(spool, taken)).isTrue();
      assertThat(spool.status().readingsDropped()).isZero();
    }
  }

  @Test
  void fullSpoolThatDrops_keepsTheNewestAndCountsTheRest() throws IOException {
    dropOldest = true;
    try (Spool spool = open(disk)) {
      append(spool, 0, 500);
      assertThat(spool.status().bytes()).isLessThanOrEqualTo(bytesMax);
    }
    try (Spool spool = open(disk)) {
      List<Integer> read = read(spool);
      assertThat(read).endsWith(499).isSorted();
      assertThat(read.get(0)).isEqualTo(500 - read.size());
      assertThat(spool.status().readingsDropped()).isEqualTo(2L * (500 - read.size()));
      assertThat(spool.status().readingsDamaged()).isZero();
    }
  }

  @Test
  void fullSpoolThatDrops_neverDropsWhatMayHaveBeenSent() throws IOException {
    dropOldest = true;
    Spool spool = open(disk);
    append(spool, 0, 10);
    spool.opened("a", 1, new long[] {0});
    assertThat(read(spool)).hasSize(10);
    spool.saveIfNeeded();
    disk.kill();
    try (Spool restarted = open(disk)) {
      append(restarted, 10, 500);
      restarted.opened("a", 1, new long[] {4});
      List<Integer> read = read(restarted);
      assertThat(read.subList(0, 6)).as("stored are 0 to 3").containsExactly(4, 5, 6, 7, 8, 9);
      assertThat(read.get(6)).isGreaterThan(10);
      assertThat(restarted.status().readingsDropped()).isEqualTo(2L * (496 - read.size()));
    }
  }

  @Test
  void diskWithoutSpace_leavesTheSpoolAsItWas() throws IOException {
    try (Spool spool = open(disk)) {
      append(spool, 0, 3);
      disk.free(10);
      assertThatThrownBy(() -> append(spool, 3)).isInstanceOf(IOException.class);
      disk.free(Long.MAX_VALUE);
      append(spool, 3, 6);
    }
    try (Spool spool = open(disk)) {
      assertThat(read(spool)).containsExactly(0, 1, 2, 3, 4, 5);
    }
  }

  @Test
  void readThatFailsOnce_movesNothing() throws IOException {
    for (int nth = 1; nth <= 12; nth++) {
      FakeDisk fresh = new FakeDisk(new Random(7));
      try (Spool spool = open(fresh)) {
        append(spool, 0, FRAMES);
        List<Integer> read = new ArrayList<>(read(spool)); // the reader stands where frames end
        fresh.failRead(nth);
        append(spool, FRAMES, 2 * FRAMES);
        for (int tries = 0; read.size() < 2 * FRAMES && tries < 3; tries++) {
          try {
            read(spool, read, frame -> {});
          } catch (IOException once) {
            assertThat(once).hasMessageContaining("too many open files");
          }
        }
        assertThat(read).as("read %d fails", nth).hasSize(2 * FRAMES).isSorted();
        assertThat(spool.status().readingsDamaged()).isZero();
      }
    }
  }

  @Test
  void failedSync_endsTheSpool_andWhatWasAcceptedBeforeIsThere() throws IOException {
    Spool spool = open(disk);
    append(spool, 0, 3);
    assertThat(append(spool, 3)).isTrue();
    disk.failSyncs(Integer.MAX_VALUE);
    assertThatThrownBy(spool::sync).isInstanceOf(UncheckedIOException.class);
    assertThat(spool.abandon()).as("whether it could be cut back").isFalse();
    disk.failSyncs(0);
    disk.powerCut();
    try (Spool again = open(disk)) {
      assertThat(read(again)).startsWith(0, 1, 2);
    }
  }

  @Test
  void failedSyncOfTheDirectory_isNotTriedAgain_asTheNextMaySucceedFalsely() throws IOException {
    Spool spool = open(disk);
    spool.release(true);
    disk.failDirectorySyncs(1);
    assertThatThrownBy(() -> append(spool, 0, 1)).isInstanceOf(UncheckedIOException.class);
    assertThat(spool.abandon()).as("nothing of it is in the spool").isTrue();
    disk.powerCut();
    try (Spool again = open(disk)) {
      assertThat(again.accepted().frames()).isZero();
      append(again, 0, 2);
      assertThat(read(again)).containsExactly(0, 1);
    }
  }

  @Test
  void segmentWhoseNameAnotherFailedSyncLost_isMadeAnew_andSurvivesAPowerCut() throws IOException {
    Spool spool = open(disk);
    disk.failDirectoryOpens(1); // the sync of the segment's name is not tried
    assertThatThrownBy(() -> append(spool, 0)).isInstanceOf(TooManyFilesException.class);
    disk.failDirectorySyncs(1); // that of the state is, and loses both names
    spool.ledger().changed();
    spool.saveIfNeeded();
    append(spool, 0, 3);
    assertThat(spool.accepted().frames()).isEqualTo(3);
    disk.powerCut();
    try (Spool again = open(disk)) {
      assertThat(again.accepted().frames()).isEqualTo(3);
      assertThat(again.status().readingsDamaged()).isZero();
      assertThat(read(again)).containsExactly(0, 1, 2);
    }
  }

  @Test
  void failedSync_thenTheNextProcess_acceptsOnlyWhatSurvivesAPowerCut() throws IOException {
    for (int seed = 0; seed < 20; seed++) {
      FakeDisk failing = new FakeDisk(new Random(seed));
      Spool spool = open(failing);
      append(spool, 0, 3);
      assertThat(append(spool, 3)).isTrue();
      failing.failSyncs(1);
      assertThatThrownBy(spool::sync).isInstanceOf(UncheckedIOException.class);
      failing.kill();
      Spool next = open(failing);
      assertThat(next.accepted().frames()).as("seed %s", seed).isEqualTo(4);
      failing.powerCut();
      try (Spool again = open(failing)) {
        assertThat(read(again)).as("seed %s", seed).containsExactly(0, 1, 2, 3);
        assertThat(again.status().readingsDamaged()).as("seed %s", seed).isZero();
      }
    }
  }

  @Test
  void tailThatWasCutAndIsBackAfterAPowerCut_isPassedOver_asTheNextSegmentHasItsFrames()
      throws IOException {
    Spool spool = open(disk);
    append(spool, 0, 2);
    Path segment = segments(disk).get(0);
    byte[] synced = disk.bytes(segment);
    assertThat(append(spool, 100)).isTrue(); // frames 3 and 4, never synced, so never accepted
    assertThat(append(spool, 101)).isTrue();
    byte[] withTail = disk.bytes(segment);
    disk.kill();
    disk.replace(segment, synced);
    Spool next = open(disk);
    append(next, 2, 4);
    disk.kill();
    byte[] halfTail = Arrays.copyOf(withTail, withTail.length);
    Arrays.fill(halfTail, synced.length, synced.length + 40, (byte) 0);
    for (byte[] back : List.of(withTail, halfTail)) {
      FakeDisk damaged = disk.copy();
      damaged.replace(segment, back);
      try (Spool again = open(damaged)) {
        assertThat(again.accepted().frames()).isEqualTo(4);
        assertThat(again.status().readingsDamaged()).isZero();
        assertThat(read(again)).containsExactly(0, 1, 2, 3);
      }
    }
  }

  @Test
  void segmentThatSomebodyRemoved_isNotMadeByReadingIt() throws IOException {
    Spool spool = open(disk);
    append(spool, 0, 1);
    Path segment = segments(disk).get(0);
    disk.replace(segment, null);
    assertThatThrownBy(() -> read(spool)).isInstanceOf(IOException.class);
    assertThat(segments(disk)).isEmpty();
  }

  @Test
  void logThatCountsBeyondWhatWasSent_costsNothingOfWhatWasNot() throws IOException {
    try (Spool spool = open(disk)) {
      append(spool, 0, 5);
      spool.opened("a", 1, new long[] {7});
      assertThat(read(spool)).containsExactly(0, 1, 2, 3, 4);
      assertThat(spool.ledger().anchors().get(0).sequence()).isEqualTo(8);
    }
  }

  @Test
  void logThatHasLessThanWasAcknowledged_isReportedAndNumbersGoOnBehindIt() throws IOException {
    try (Spool spool = open(disk)) {
      append(spool, 0, 5);
      spool.opened("a", 1, new long[] {0});
      read(
          spool,
          frame -> {
            if (frame <= 3) {
              spool.ledger().stored(0, new FramePiece(frame, 0), frame);
            }
          });
    }
    try (Spool spool = open(disk)) {
      assertThat(spool.opened("a", 1, new long[] {1}))
          .containsExactly(new SpoolSequences.Lost(0, 2, 3));
      assertThat(read(spool)).containsExactly(3, 4);
      assertThat(spool.ledger().anchors().get(0).sequence()).isEqualTo(2);
    }
  }

  @Test
  void anotherLogOfTheTopicsName_isRefused() throws IOException {
    try (Spool spool = open(disk)) {
      append(spool, 0, 1);
      spool.opened("a", 1, new long[] {0});
    }
    try (Spool spool = open(disk)) {
      assertThatThrownBy(() -> spool.opened("b", 1, new long[] {0}))
          .hasMessageContaining("TOPIC_REPLACED");
      spool.opened("a", 1, new long[] {0});
      assertThatThrownBy(() -> spool.opened("a", 1, new long[] {0, 0}))
          .hasMessageContaining("TOPIC_REPLACED");
    }
  }

  // ---- what the tests are made of

  private Spool open(FakeDisk on) throws IOException {
    return Spool.open(on, DIRECTORY, new SpoolSettings("t", "p", 7, bytesMax, dropOldest));
  }

  private static void append(Spool spool, int from, int to) throws IOException {
    for (int i = from; i < to; i++) {
      assertThat(append(spool, i)).isTrue();
      spool.sync();
    }
  }

  private static boolean append(Spool spool, int id) throws IOException {
    BitSet keys = new BitSet();
    keys.set(id % 3);
    byte[] body = ByteBuffer.allocate(150).putInt(0, id).array();
    var sensors =
        new Spool.Sensors(
            keys,
            3,
            key -> Sensor.newBuilder().setName("s" + key).setKind(Kind.KIND_DOUBLE).build());
    return spool.append(2, null, sensors, body, 1, false);
  }

  private static int fill(Spool spool) throws IOException {
    int id = 0;
    while (append(spool, id)) {
      spool.sync();
      id++;
    }
    return id;
  }

  private static List<Integer> read(Spool spool) throws IOException {
    return read(spool, frame -> {});
  }

  /** What a session would have to send; each frame has one part. */
  private static List<Integer> read(Spool spool, java.util.function.LongConsumer sent)
      throws IOException {
    List<Integer> read = new ArrayList<>();
    read(spool, read, sent);
    return read;
  }

  private static void read(Spool spool, List<Integer> read, java.util.function.LongConsumer sent)
      throws IOException {
    if (spool.epoch() == 0) {
      spool.opened("a", 1, new long[] {0});
    }
    for (SpoolFrame frame = spool.next(); frame != null; frame = spool.next()) {
      if (frame.batch().length > 0 && spool.ledger().hand(0, 0) == SpoolSequences.Fate.SEND) {
        read.add(ByteBuffer.wrap(frame.batch()).getInt());
        sent.accept(frame.number());
      }
    }
  }

  private static List<Path> segments(FakeDisk disk) {
    return disk.paths().stream().filter(path -> path.toString().endsWith(".spool")).toList();
  }

  private static byte[] flipped(byte[] bytes, int at) {
    byte[] flipped = bytes.clone();
    flipped[at] ^= (byte) (1 << at % 8);
    return flipped;
  }
}
