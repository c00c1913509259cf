package dev.weir.service.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.Slice;
import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogReader;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.PartitionLog.Retention;
import dev.weir.service.log.TestRecords;
import dev.weir.service.log.segment.file.SegmentEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Whatever is appended and whatever fails: what is read is what was promised (D1, D2, D3, O1). */
final class SegmentProperties {
  /** The engine under test beside what must be in it. */
  private static final class Model {
    final TestEngine disk = new TestEngine();
    final List<LogRecord> stored = new ArrayList<>();
    List<LogRecord> unknown = List.of();
    PartitionLog log;
    LogReader reader;
    int followed;
    long seed;

    Model(long seed) throws IOException {
      this.seed = seed;
      log = disk.start();
      reader = log.read(0, true);
    }

    void step(int choice) throws IOException {
      seed++;
      Random random = new Random(seed * 0x9E37_79B9_7F4A_7C15L);
      switch (choice) {
        case 0 -> disk.files.failWrite(1 + random.nextInt(3), random.nextInt(600));
        case 1 -> disk.files.failSync(1);
        case 2 -> disk.files.failTruncate(1);
        case 3 -> disk.files.free(random.nextInt(3_000));
        case 4 -> disk.files.heal();
        case 5 -> disk.engine.tick();
        case 6 -> restart(disk::restart);
        case 7 -> restart(disk::restartAfterKill);
        case 8 -> restart(() -> disk.restartAfterPowerCut(random));
        case 9 -> restart(() -> disk.restartAfterPowerCut(null));
        case 10 -> crashUnderWay(random);
        case 11 -> thoughItFails(this::checkpoint);
        case 12 -> thoughItFails(() -> retain(random));
        default -> append(random);
      }
      check();
    }

    void append(Random random) {
      List<LogRecord> records =
          TestRecords.next(log, 1 + random.nextInt(5), 1 + random.nextInt(900), seed);
      List<AppendOutcome> outcomes = new ArrayList<>();
      log.append(records, outcomes::add);
      if (outcomes.isEmpty()) { // its sync is held
        unknown = records;
      } else if (outcomes.get(0) instanceof AppendOutcome.Committed) {
        stored.addAll(records);
      } else if (outcomes.get(0) instanceof AppendOutcome.Unknown && unknown.isEmpty()) {
        unknown = records;
      }
    }

    void checkpoint() throws IOException {
      var epochs = log.epochs(); // a claim's own is in no record until its first
      long epoch = epochs.isEmpty() ? 0 : epochs.get(epochs.size() - 1).epoch();
      log.checkpoint(
          new Checkpoint(epoch, log.endOffset(), log.endReadings(), Slice.of(new byte[9])));
    }

    void retain(Random random) throws IOException {
      log.retain(
          new Retention(
              TestRecords.FIRST_NANOS + random.nextInt(10 * stored.size() + 1),
              random.nextInt(20_000)));
    }

    void thoughItFails(Step step) throws IOException {
      try {
        step.run();
      } catch (IOException failed) {
        assertThat(failed).hasStackTraceContaining("injected");
      }
    }

    void crashUnderWay(Random random) throws IOException {
      disk.holdSyncs = true;
      append(random);
      restart(() -> disk.restartAfterPowerCut(random));
    }

    void restart(Start start) throws IOException {
      disk.files.heal();
      long epoch = log.epoch();
      log = start.start();
      assertThat(log.epoch()).isGreaterThan(epoch);
      List<LogItem> found = TestRecords.read(log);
      int from = (int) log.startOffset();
      int to = from + found.size();
      List<LogRecord> possible = new ArrayList<>(stored);
      possible.addAll(unknown);
      assertThat(to).isGreaterThanOrEqualTo(stored.size());
      assertThat(found).isEqualTo(possible.subList(from, to));
      assertThat(log.checkpoint().isPresent() || from == 0).isTrue();
      stored.clear();
      stored.addAll(possible.subList(0, to));
      unknown = List.of();
      reader = log.read(stored.size(), true);
      followed = stored.size();
    }

    void check() throws IOException {
      assertThat(log.endOffset()).isEqualTo(stored.size());
      assertThat(TestRecords.drain(reader)).isEqualTo(stored.subList(followed, stored.size()));
      followed = stored.size();
      int from = (int) log.startOffset();
      int at = from + (int) Math.floorMod(seed * 31, stored.size() - from + 1L);
      assertThat(log.startReadings())
          .isEqualTo(from == 0 ? 0 : stored.get(from - 1).readingsAfter());
      assertThat(TestRecords.read(log, at)).isEqualTo(stored.subList(at, stored.size()));
      assertThat(log.offsetAt(TestRecords.FIRST_NANOS + at * 10L)).isEqualTo(at);
      assertThat(disk.eventKinds())
          .doesNotContain(SegmentEvent.Kind.DATA_LOSS, SegmentEvent.Kind.HEADER_DAMAGED);
    }
  }

  private interface Step {
    void run() throws IOException;
  }

  private interface Start {
    PartitionLog start() throws IOException;
  }

  @Property(tries = 400)
  void whateverFails_committedRecordsStayAndRefusedOnesNeverAppear(
      @ForAll long seed, @ForAll @Size(min = 1, max = 40) List<@IntRange(max = 22) Integer> choices)
      throws IOException {
    Model model = new Model(seed);
    for (int choice : choices) {
      model.step(choice);
    }
    model.restart(() -> model.disk.restartAfterPowerCut(null));
  }
}
