package dev.weir.service.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.Slice;
import dev.weir.service.core.cursor.CursorResolver;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.cursor.ResolvedPosition;
import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.TestRecords;
import dev.weir.service.log.segment.file.SegmentEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * Whatever is appended, synced and lost with the page cache, a BUFFERED partition is a prefix of
 * what it committed, with all that was synced, and no (epoch, offset) ever means other bytes (D3,
 * O1).
 */
final class BufferedProperties {
  private record Place(long epoch, long offset) {}

  /** The engine under test beside what must be in it. */
  private static final class Model {
    final TestEngine disk = TestEngine.buffered(TestEngine.SMALL.withUnsyncedBytesMax(1_500));
    final List<LogRecord> stored = new ArrayList<>();
    final Map<Place, LogRecord> exposed = new HashMap<>();
    PartitionLog log;
    int synced;
    long seed;

    Model(long seed) throws IOException {
      this.seed = seed;
      log = disk.start();
    }

    void step(int choice) throws IOException {
      seed++;
      Random random = new Random(seed * 0x9E37_79B9_7F4A_7C15L);
      switch (choice) {
        case 0 -> sync();
        case 1 -> disk.engine.tick();
        case 2 -> restart(disk.restart(), stored.size());
        case 3 -> restart(disk.restartAfterKill(), stored.size());
        case 4 -> restart(disk.restartAfterPowerCut(random), synced);
        case 5 -> restart(disk.restartAfterPowerCut(null), synced);
        case 6 -> checkpoint();
        default -> append(random);
      }
    }

    void sync() {
      disk.engine.syncBuffered();
      synced = stored.size();
    }

    void checkpoint() throws IOException {
      // Of an earlier offset than the log's end, as a checkpoint that took its time.
      LogRecord last = stored.isEmpty() ? null : stored.get((stored.size() - 1) / 2 * 2);
      if (last != null) {
        Slice state = Slice.of(new byte[5]);
        log.checkpoint(
            new Checkpoint(last.epoch(), last.nextOffset(), last.readingsAfter(), state));
        synced = stored.size();
      }
    }

    void append(Random random) {
      List<LogRecord> records =
          TestRecords.next(log, 1 + random.nextInt(4), 1 + random.nextInt(600), seed);
      boolean identities = random.nextInt(4) == 0;
      if (!identities) {
        records = records.stream().map(TestRecords::plain).toList();
      }
      assertThat(TestRecords.append(log, records)).isEqualTo(new AppendOutcome.Committed());
      for (LogRecord record : records) {
        expose(record);
      }
      stored.addAll(records);
      if (records.stream().anyMatch(record -> record.definitions().length() > 0)) {
        synced = stored.size();
      }
    }

    void expose(LogRecord record) {
      LogRecord before = exposed.put(new Place(record.epoch(), record.offset()), record);
      assertThat(before == null || before.equals(record))
          .as("%s once meant %s", record, before)
          .isTrue();
    }

    void restart(PartitionLog again, int least) throws IOException {
      long epoch = log.epoch();
      log = again;
      assertThat(log.epoch()).isGreaterThan(epoch);
      List<LogItem> found = TestRecords.read(log);
      assertThat(found).hasSizeBetween(least, stored.size());
      assertThat(found).isEqualTo(stored.subList(0, found.size()));
      found.forEach(item -> expose((LogRecord) item));
      assertThat(disk.eventKinds())
          .as("nothing synced is lost, no checkpoint is ahead of the log")
          .isSubsetOf(SegmentEvent.Kind.TORN_TAIL);
      log.checkpoint();
      assertThat(disk.eventKinds()).isSubsetOf(SegmentEvent.Kind.TORN_TAIL);
      cursors(found.size());
      stored.subList(found.size(), stored.size()).clear();
      synced = found.size();
    }

    /** A cursor behind each record there was is at it, or knows how much it lost. */
    void cursors(int kept) {
      for (LogRecord record : stored) {
        Position behind =
            new Position(record.epoch(), record.nextOffset(), record.readingsAfter(), 0);
        ResolvedPosition resolved = CursorResolver.resolve(behind, log.range());
        if (record.offset() < kept) {
          assertThat(resolved).isEqualTo(new ResolvedPosition.At(behind));
        } else {
          assertThat(resolved).isInstanceOf(ResolvedPosition.Lost.class);
          ResolvedPosition.Lost lost = (ResolvedPosition.Lost) resolved;
          assertThat(lost.to().offset()).isLessThanOrEqualTo(kept);
          assertThat(lost.readings())
              .isEqualTo(record.readingsAfter() - lost.to().readingsBefore());
        }
      }
    }
  }

  @Property(tries = 300)
  void whateverIsLost_aPrefixStays_andNoPlaceMeansOtherBytes(
      @ForAll long seed, @ForAll @Size(min = 1, max = 50) List<@IntRange(max = 14) Integer> choices)
      throws IOException {
    Model model = new Model(seed);
    for (int choice : choices) {
      model.step(choice);
    }
    model.restart(model.disk.restartAfterPowerCut(null), model.synced);
  }
}
