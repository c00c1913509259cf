package dev.weir.faultinjection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.common.file.NioDataFiles;
import dev.weir.service.core.Slice;
import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.RecordType;
import dev.weir.service.log.segment.SegmentEngine;
import dev.weir.service.log.segment.file.SegmentOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** The kill points of the log, on a real disk; those of acks are in the crash audit. */
class KillPointTest {
  private static final PartitionId PARTITION = new PartitionId("00000000000000ab", 0);
  private static final SegmentOptions SMALL =
      new SegmentOptions(2_048, 512, 2, 1_024, 1_024, 1 << 20, 1_000);

  private static final int RECORDS = 3;
  private static final int BATCH_BYTES = 100;

  /** Stands for the end of the process: the engine does not catch it. */
  @SuppressWarnings("serial")
  private static final class Died extends Error {
    private Died(int exitCode) {
      super("exit code " + exitCode);
    }
  }

  @TempDir private Path dir;

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"ACK_BEFORE_SEND", "ACK_SENT"})
  void lifeOfALog_diesAtThePointThatIsArmed(KillPoint point) throws IOException {
    InjectedFaults armed =
        InjectedFaults.of(
            List.of("kill=" + point.word() + ":2"),
            code -> {
              throw new Died(code);
            });
    assertThatThrownBy(() -> lives(armed))
        .as(point.word())
        .isInstanceOf(Died.class)
        .hasMessageContaining(Integer.toString(InjectedFaults.KILLED_EXIT_CODE));
  }

  private void lives(InjectedFaults faults) throws IOException {
    for (int life = 0; life < 3; life++) {
      SegmentEngine engine =
          SegmentEngine.open(
              dir,
              faults.files(new UnsyncedFiles(new NioDataFiles())),
              SMALL,
              () -> 7,
              new Random(life),
              Runnable::run,
              event -> {});
      PartitionLog log = faults.engine(engine).claim(PARTITION, true);
      for (int i = 0; i < 20; i++) {
        commit(log);
        if (i % 3 == 0) {
          checkpoint(log);
        }
        engine.tick();
        log.retain(new PartitionLog.Retention(Long.MIN_VALUE, 1_000));
      }
      engine.close();
      tearTail();
    }
  }

  private static void commit(PartitionLog log) {
    List<LogRecord> records = new ArrayList<>();
    for (int i = 0; i < RECORDS; i++) {
      records.add(
          new LogRecord(
              log.endOffset() + i,
              log.epoch(),
              log.endOffset() + i,
              RecordType.BATCH,
              "producer",
              0,
              log.endOffset() + i,
              log.endReadings() + i,
              1,
              0,
              0,
              Slice.EMPTY,
              Slice.of(new byte[BATCH_BYTES])));
    }
    List<AppendOutcome> outcomes = new ArrayList<>();
    log.append(records, outcomes::add);
    assertThat(outcomes).containsExactly(new AppendOutcome.Committed());
  }

  /** Leaves what a crash would, so that the next life has something to recover. */
  private void tearTail() throws IOException {
    try (Stream<Path> files = Files.walk(dir)) {
      Path last =
          files.filter(path -> path.toString().endsWith(".log")).sorted().reduce((a, b) -> b).get();
      Files.write(last, new byte[7], StandardOpenOption.APPEND);
    }
  }

  private static void checkpoint(PartitionLog log) throws IOException {
    long epoch = log.epochs().get(log.epochs().size() - 1).epoch();
    log.checkpoint(
        new Checkpoint(epoch, log.endOffset(), log.endReadings(), Slice.of(new byte[10])));
  }

  @Test
  void words_findTheirPointAgain() {
    for (KillPoint point : KillPoint.values()) {
      assertThat(KillPoint.ofWord(point.word())).contains(point);
      assertThat(point.word()).matches("[a-z-]+\\.[a-z-]+");
    }
    assertThat(KillPoint.APPEND_HALF_WRITTEN.word()).isEqualTo("append.half-written");
    assertThat(KillPoint.START_NUMBER_RAISED.word()).isEqualTo("start-number.raised");
  }
}
