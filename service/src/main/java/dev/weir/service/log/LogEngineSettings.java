package dev.weir.service.log;

import dev.weir.common.file.DataFiles;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * The settings that all engines of a server are opened with; each engine takes what it needs.
 * Immutable.
 *
 * @param dataDir the directory of an engine that keeps files
 * @param files the way to the disk
 * @param limits every bound that the operator set
 * @param epochNanosClock Unix nanoseconds
 * @param random makes epochs and salts unlike any other's; thread-safe
 * @param syncPool runs the syncs of appends, which block; as many at once as it has threads
 * @param events told what an operator should know; must not block
 * @param readMemory bytes of what is read for those who follow the log
 * @param openFiles files that are open
 * @param memoryLogs bytes that the partitions in memory hold together
 * @param checksums whether records are verified when they are read; false only to show what audits
 *     see
 * @param sharedBlocks whether readers share what is in memory; false only to show what the budget
 *     is for
 */
public record LogEngineSettings(
    Path dataDir,
    DataFiles files,
    Limits limits,
    LongSupplier epochNanosClock,
    RandomGenerator random,
    Executor syncPool,
    Consumer<LogEngineEvent> events,
    Budget readMemory,
    Budget openFiles,
    Budget memoryLogs,
    boolean checksums,
    boolean sharedBlocks) {

  /** The same settings, but records are taken for what they are. */
  public LogEngineSettings withoutChecksums() {
    return with(false, sharedBlocks);
  }

  /** The same settings, but each reader has a buffer of its own. */
  public LogEngineSettings withoutSharedBlocks() {
    return with(checksums, false);
  }

  private LogEngineSettings with(boolean newChecksums, boolean newSharedBlocks) {
    return new LogEngineSettings(
        dataDir,
        files,
        limits,
        epochNanosClock,
        random,
        syncPool,
        events,
        readMemory,
        openFiles,
        memoryLogs,
        newChecksums,
        newSharedBlocks);
  }
}
