package dev.weir.service.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.common.file.TooManyFilesException;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.TestRecords;
import dev.weir.service.log.segment.file.CountedFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Partitions on a process that has few descriptors, against a list of what was stored. */
class ActiveFileLimiterProperties {
  @Property(tries = 200)
  void whateverIsRefused_nothingStoredIsLost_andEveryFileIsGivenBack(@ForAll long seed)
      throws IOException {
    Random random = new Random(seed);
    boolean[] scarce = {false};
    Budget files = new Budget("open_files_max", "files", () -> 12);
    TestEngine world =
        new TestEngine(
            new SimulatedDisk(), TestEngine.SMALL.withActiveFilesMax(1 + random.nextInt(4)));
    world.through =
        real ->
            new CountedFiles(
                new ActiveFileLimiterTest.Scarce(real, at -> scarce[0] && random.nextBoolean()),
                files);
    PartitionLog first = world.start();
    List<PartitionLog> logs = new ArrayList<>(List.of(first));
    for (int i = 0; i < 4; i++) {
      logs.add(world.engine.claim(ActiveFileLimiterTest.id(i), true));
    }
    Map<PartitionLog, List<LogRecord>> stored = new HashMap<>();
    for (int step = 0; step < 80; step++) {
      scarce[0] = random.nextInt(3) == 0;
      PartitionLog log = logs.get(random.nextInt(logs.size()));
      List<LogRecord> round = TestRecords.next(log, 1 + random.nextInt(3), 700, seed + step);
      AppendOutcome outcome = TestRecords.append(log, round);
      if (outcome instanceof AppendOutcome.Committed) {
        stored.computeIfAbsent(log, any -> new ArrayList<>()).addAll(round);
      } else {
        assertThat(((AppendOutcome.NotStored) outcome).cause())
            .isInstanceOf(TooManyFilesException.class);
      }
      assertThat(files.used()).isLessThanOrEqualTo(12);
      if (random.nextInt(10) == 0) {
        world.engine.tick();
      }
    }
    scarce[0] = false;
    for (PartitionLog log : logs) {
      assertThat(log.poisoned()).isFalse();
      assertThat(TestRecords.read(log)).isEqualTo(stored.getOrDefault(log, List.of()));
    }
    world.engine.close();
    assertThat(files.used()).isZero();
    PartitionLog again = world.restartAfterPowerCut(null);
    assertThat(TestRecords.read(again)).isEqualTo(stored.getOrDefault(first, List.of()));
  }
}
