package dev.weir.service.log.segment;

import dev.weir.common.file.DataFiles;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.log.EpochSource;
import dev.weir.service.log.LogEngine;
import dev.weir.service.log.LogEngineEvent;
import dev.weir.service.log.LogEngineProvider;
import dev.weir.service.log.LogEngineSettings;
import dev.weir.service.log.LogInspection;
import dev.weir.service.log.segment.file.SegmentEvent;
import dev.weir.service.log.segment.file.SegmentOptions;
import dev.weir.service.log.segment.inspect.InspectedDataDirectory;
import dev.weir.v1.Durability;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** Opens the segment engine, which keeps SYNCED and BUFFERED topics. Stateless. */
public final class SegmentEngineProvider implements LogEngineProvider {
  static final String NAME = "segment";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Set<Durability> durabilities() {
    return Set.of(Durability.DURABILITY_SYNCED, Durability.DURABILITY_BUFFERED);
  }

  @Override
  public LogEngine open(LogEngineSettings settings, EpochSource epochs) throws IOException {
    var setting =
        new SegmentEngine.Setting(
            settings.epochNanosClock(),
            settings.random(),
            settings.syncPool(),
            event -> settings.events().accept(told(event)),
            settings.readMemory(),
            settings.openFiles(),
            Duration.ofMillis(settings.limits().get(Limit.BUFFERED_SYNC_MS)));
    return SegmentEngine.open(settings.dataDir(), settings.files(), options(settings), setting);
  }

  @Override
  public Optional<LogInspection> inspect(Path dataDir, DataFiles files, boolean alone)
      throws IOException {
    return Optional.of(
        alone
            ? InspectedDataDirectory.locked(dataDir, files)
            : InspectedDataDirectory.open(dataDir, files));
  }

  static SegmentOptions options(LogEngineSettings settings) {
    Limits limits = settings.limits();
    SegmentOptions options =
        SegmentOptions.defaults()
            .withSegmentBytes(limits.get(Limit.SEGMENT_BYTES))
            .withReserveBytes(limits.get(Limit.DISK_RESERVE_BYTES))
            .withUnsyncedBytesMax(limits.get(Limit.BUFFERED_UNSYNCED_BYTES_MAX))
            .withActiveFilesMax(activeFilesMax(settings.openFiles()));
    SegmentOptions checked = settings.checksums() ? options : options.withoutChecksums();
    return settings.sharedBlocks() ? checked : checked.withoutSharedBlocks();
  }

  /** An eighth of all files: connections and readers need the others. */
  private static int activeFilesMax(Budget files) {
    return (int) Math.max(8, Math.min(1 << 16, files.max() / 8));
  }

  static LogEngineEvent told(SegmentEvent event) {
    LogEngineEvent.Severity severity =
        event.severe()
            ? LogEngineEvent.Severity.ERROR
            : event.kind() == SegmentEvent.Kind.DISK_FREED
                ? LogEngineEvent.Severity.INFO
                : LogEngineEvent.Severity.WARNING;
    return new LogEngineEvent(severity, event.kind().name(), event.partition(), event.text());
  }
}
