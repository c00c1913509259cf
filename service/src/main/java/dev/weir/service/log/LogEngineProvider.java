package dev.weir.service.log;

import dev.weir.common.file.DataFiles;
import dev.weir.v1.Durability;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * The entry point of a log engine. {@link java.util.ServiceLoader} finds it by a line in {@code
 * META-INF/services/dev.weir.service.log.LogEngineProvider}; it has a public constructor without
 * parameters and no state.
 */
public interface LogEngineProvider {
  /** The engine's name for people, such as "segment"; no other engine has it. */
  String name();

  /** The durabilities of the topics that the engine keeps; no other engine offers one of them. */
  Set<Durability> durabilities();

  /**
   * Opens the engine; who opens it closes it. Blocks.
   *
   * @param epochs gives the epochs of an engine that keeps nothing over a restart. The engine that
   *     offers SYNCED is opened first and makes its own; it must not ask for them
   * @throws DirectoryInUseException if another process has the data directory
   * @throws DataLossException if the engine cannot be opened without silently losing data
   * @throws IOException if the store cannot be used
   */
  LogEngine open(LogEngineSettings settings, EpochSource epochs) throws IOException;

  /**
   * Looks into the store of a data directory without opening the engine; empty where the engine
   * keeps nothing that can be looked into. Blocks.
   *
   * @param alone whether nobody may use the store meanwhile, as a check needs; else a server may be
   *     running on it
   * @throws DirectoryInUseException if nobody may use the store and a process does
   * @throws IOException if the store cannot be looked into
   */
  default Optional<LogInspection> inspect(Path dataDir, DataFiles files, boolean alone)
      throws IOException {
    return Optional.empty();
  }
}
