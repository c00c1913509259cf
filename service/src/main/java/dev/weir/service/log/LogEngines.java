package dev.weir.service.log;

import dev.weir.v1.Durability;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The open engines of one server: one for each durability, where several may be of one engine.
 * Thread-safe.
 */
public final class LogEngines implements AutoCloseable {
  private final List<LogEngine> opened = new ArrayList<>(); // the first keeps the system partition
  private final Map<Durability, LogEngine> byDurability = new EnumMap<>(Durability.class);

  private LogEngines() {}

  /**
   * Opens all engines: that of SYNCED topics first, because it gives the others their epochs.
   * Blocks.
   *
   * @throws DirectoryInUseException if another process has the data directory
   * @throws IOException if an engine cannot be opened; none is open then
   */
  public static LogEngines open(LogEngineProviders providers, LogEngineSettings settings)
      throws IOException {
    LogEngines engines = new LogEngines();
    try {
      engines.openAll(providers, settings);
      return engines;
    } catch (IOException | RuntimeException failed) {
      try (engines) {
        throw failed;
      }
    }
  }

  private void openAll(LogEngineProviders providers, LogEngineSettings settings)
      throws IOException {
    LogEngineProvider first = providers.byDurability().get(Durability.DURABILITY_SYNCED);
    open(first, settings, LogEngines::noEpoch);
    for (LogEngineProvider provider : providers.all()) {
      if (provider != first) {
        open(provider, settings, system()::newEpoch);
      }
    }
  }

  private void open(LogEngineProvider provider, LogEngineSettings settings, EpochSource epochs)
      throws IOException {
    LogEngine engine = provider.open(settings, epochs);
    opened.add(engine);
    for (Durability durability : provider.durabilities()) {
      byDurability.put(durability, engine.withDurability(durability));
    }
  }

  private static long noEpoch(PartitionId id) {
    throw new IllegalStateException(id + ": the engine of SYNCED topics makes its own epochs");
  }

  /** The engine of the system partition and of SYNCED topics. */
  public LogEngine system() {
    return opened.get(0);
  }

  /**
   * The engine that keeps the topics of a durability.
   *
   * @throws IllegalArgumentException if none offers it
   */
  public LogEngine of(Durability durability) {
    LogEngine engine = byDurability.get(durability);
    if (engine == null) {
      throw new IllegalArgumentException("no log engine offers " + durability);
    }
    return engine;
  }

  /** The durabilities that are offered, in the order of the contract. */
  public Set<Durability> durabilities() {
    return Collections.unmodifiableSet(byDurability.keySet());
  }

  /** The tasks that all engines want run. */
  public List<LogEngine.BackgroundTask> background() {
    return opened.stream().flatMap(engine -> engine.background().stream()).toList();
  }

  /**
   * How the stores are together: the least free bytes, full where one is full, and all bytes that
   * were checked. Any thread; does not block.
   */
  public LogEngine.Health health() {
    LogEngine.Health all = LogEngine.Health.UNBOUNDED;
    for (LogEngine engine : opened) {
      LogEngine.Health one = engine.health();
      all =
          new LogEngine.Health(
              Math.min(all.freeBytes(), one.freeBytes()),
              all.full() || one.full(),
              all.checkedBytes() + one.checkedBytes());
    }
    return all;
  }

  /** Closes all engines, the last opened first, whatever of it fails. Blocks. */
  @Override
  public void close() throws IOException {
    Exception first = null;
    for (int i = opened.size() - 1; i >= 0; i--) {
      try {
        opened.get(i).close();
      } catch (IOException | RuntimeException failed) {
        if (first == null) {
          first = failed;
        } else {
          first.addSuppressed(failed);
        }
      }
    }
    if (first instanceof IOException failed) {
      throw failed;
    } else if (first instanceof RuntimeException defect) {
      throw defect;
    }
  }
}
