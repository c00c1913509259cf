package dev.weir.service.log.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.log.DirectoryInUseException;
import dev.weir.service.log.InspectedPartition;
import dev.weir.service.log.LogEngine;
import dev.weir.service.log.LogEngineEvent;
import dev.weir.service.log.LogEngineSettings;
import dev.weir.service.log.LogInspection;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.segment.file.SegmentEvent;
import dev.weir.service.log.segment.file.SegmentOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The segment engine as a server opens it. */
final class SegmentEngineProviderTest {
  private final SimulatedDisk disk = new SimulatedDisk();
  private final LogEngineSettings settings =
      new LogEngineSettings(
          TestEngine.DATA,
          disk,
          Limits.defaults()
              .with(Limit.SEGMENT_BYTES, 1 << 21)
              .with(Limit.DISK_RESERVE_BYTES, 1 << 22)
              .with(Limit.BUFFERED_SYNC_MS, 123),
          () -> 7,
          new Random(1),
          Runnable::run,
          event -> {},
          new Budget("catchup_block_bytes", 1 << 20),
          new Budget("open_files_max", "files", () -> 800),
          new Budget("memory_log_bytes", 1 << 20),
          true,
          true);

  private LogEngine open() throws IOException {
    return new SegmentEngineProvider().open(settings, id -> 1);
  }

  @Test
  void limitsOfTheServer_areTheBoundsOfTheEngine() {
    SegmentOptions options = SegmentEngineProvider.options(settings);

    assertThat(options.segmentBytes()).isEqualTo(1 << 21);
    assertThat(options.reserveBytes()).isEqualTo(1 << 22);
    assertThat(options.activeFilesMax()).as("an eighth of the files").isEqualTo(100);
    assertThat(options.checksums()).isTrue();
    assertThat(options.sharedBlocks()).isTrue();
  }

  @Test
  void protectionsThatSettingsTakeAway_areTakenFromTheEngine() {
    assertThat(SegmentEngineProvider.options(settings.withoutChecksums()).checksums()).isFalse();
    assertThat(SegmentEngineProvider.options(settings.withoutSharedBlocks()).sharedBlocks())
        .isFalse();
  }

  @Test
  void engine_isRunEverySecond_andSyncsBufferedTopicsAsOftenAsConfigured() throws IOException {
    try (LogEngine engine = open()) {
      assertThat(engine.background())
          .extracting(LogEngine.BackgroundTask::period, LogEngine.BackgroundTask::blocks)
          .containsExactly(
              tuple(Duration.ofSeconds(1), true), tuple(Duration.ofMillis(123), false));
    }
  }

  @Test
  void directoryThatIsInUse_isRefused() throws IOException {
    try (LogEngine engine = open()) {
      assertThat(engine.name()).isEqualTo("segment");
      assertThatThrownBy(this::open)
          .isInstanceOf(DirectoryInUseException.class)
          .hasMessageContaining("/data/lock");
    }
  }

  @Test
  void storeThatIsInUse_canBeLookedInto_butNotAlone() throws IOException {
    SegmentEngineProvider provider = new SegmentEngineProvider();
    try (LogEngine engine = open()) {
      engine.claim(PartitionId.SYSTEM, true).close();
      disk.open(TestEngine.DATA.resolve("lock")).close(); // the simulated lock makes no file
      assertThatThrownBy(() -> provider.inspect(TestEngine.DATA, disk, true))
          .isInstanceOf(DirectoryInUseException.class);
      assertSystemPartition(provider.inspect(TestEngine.DATA, disk, false));
    }
    assertSystemPartition(provider.inspect(TestEngine.DATA, disk, true));
  }

  private static void assertSystemPartition(Optional<LogInspection> looked) throws IOException {
    try (LogInspection store = looked.orElseThrow()) {
      assertThat(store.partitions())
          .extracting(InspectedPartition::id)
          .containsExactly(PartitionId.SYSTEM);
      assertThat(store.place(PartitionId.SYSTEM)).startsWith(TestEngine.DATA.toString());
    }
  }

  @Test
  void events_areToldWithWhatTheyMean() {
    assertThat(
            List.of(
                    SegmentEvent.Kind.POISONED,
                    SegmentEvent.Kind.TORN_TAIL,
                    SegmentEvent.Kind.DISK_FREED)
                .stream()
                .map(kind -> new SegmentEvent(kind, PartitionId.SYSTEM, "text"))
                .map(SegmentEngineProvider::told))
        .containsExactly(
            told(LogEngineEvent.Severity.ERROR, "POISONED"),
            told(LogEngineEvent.Severity.WARNING, "TORN_TAIL"),
            told(LogEngineEvent.Severity.INFO, "DISK_FREED"));
  }

  private static LogEngineEvent told(LogEngineEvent.Severity severity, String kind) {
    return new LogEngineEvent(severity, kind, PartitionId.SYSTEM, "text");
  }
}
