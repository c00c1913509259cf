package dev.weir.service.log;

import dev.weir.common.file.DataFiles;
import dev.weir.service.config.ConfigException;
import dev.weir.v1.Durability;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/**
 * The log engines that were found, and which of them keeps the topics of each durability. The order
 * in which they were found makes no difference. Immutable.
 */
public final class LogEngineProviders {
  /** Topics can be created with each of these. */
  private static final List<Durability> NEEDED =
      List.of(
          Durability.DURABILITY_SYNCED,
          Durability.DURABILITY_BUFFERED,
          Durability.DURABILITY_MEMORY);

  private static final String PREFIX = "DURABILITY_";

  private final List<LogEngineProvider> all;
  private final Map<Durability, LogEngineProvider> byDurability = new EnumMap<>(Durability.class);

  private LogEngineProviders(List<LogEngineProvider> found) {
    this.all =
        found.stream()
            .sorted(
                Comparator.comparing(LogEngineProvider::name)
                    .thenComparing(engine -> engine.getClass().getName()))
            .toList();
  }

  /**
   * Finds the engines on the class path.
   *
   * @throws ConfigException as {@link #of}, and if one of them cannot be loaded
   */
  public static LogEngineProviders load() {
    List<LogEngineProvider> found = new ArrayList<>();
    // The loader of this class, and not the thread's: it does not matter which thread starts.
    ClassLoader loader = LogEngineProviders.class.getClassLoader();
    try {
      ServiceLoader.load(LogEngineProvider.class, loader).forEach(found::add);
    } catch (ServiceConfigurationError broken) {
      throw new ConfigException("log engines: one cannot be loaded: " + broken.getMessage());
    }
    return of(found);
  }

  /**
   * Takes these engines.
   *
   * @throws ConfigException if two have the same name or offer the same durability, or a durability
   *     that topics can be created with is not offered, or another one is; the message names the
   *     known engines
   */
  public static LogEngineProviders of(List<LogEngineProvider> found) {
    var providers = new LogEngineProviders(found);
    providers.refuseSameNames();
    for (LogEngineProvider engine : providers.all) {
      for (Durability durability : engine.durabilities()) {
        if (!NEEDED.contains(durability)) {
          throw providers.refusal(
              engine.name() + " offers " + told(durability) + ", which no topic can have",
              "take the engine off the class path");
        }
        LogEngineProvider other = providers.byDurability.put(durability, engine);
        if (other != null) {
          throw providers.refusal(
              other.name() + " and " + engine.name() + " both offer " + told(durability),
              "leave one of the two on the class path");
        }
      }
    }
    for (Durability durability : NEEDED) {
      if (!providers.byDurability.containsKey(durability)) {
        throw providers.refusal(
            "none offers " + told(durability), "put one that does on the class path");
      }
    }
    return providers;
  }

  private void refuseSameNames() {
    for (int i = 1; i < all.size(); i++) {
      LogEngineProvider one = all.get(i - 1);
      LogEngineProvider other = all.get(i);
      if (one.name().equals(other.name())) {
        throw refusal(
            one.getClass().getName()
                + " and "
                + other.getClass().getName()
                + " both have the name "
                + one.name(),
            "leave one of the two on the class path");
      }
    }
  }

  private ConfigException refusal(String problem, String todo) {
    String known = all.stream().map(LogEngineProviders::told).collect(Collectors.joining(", "));
    return new ConfigException(
        "log engines: "
            + problem
            + "; the known engines are "
            + (known.isEmpty() ? "none" : known)
            + "; "
            + todo);
  }

  private static String told(LogEngineProvider engine) {
    return engine.durabilities().stream()
        .sorted()
        .map(LogEngineProviders::told)
        .collect(Collectors.joining(", ", engine.name() + " (", ")"));
  }

  private static String told(Durability durability) {
    String name = durability.name();
    return name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
  }

  /**
   * Looks into the store of the system partition and of SYNCED topics.
   *
   * @param alone whether nobody may use the store meanwhile
   * @throws DirectoryInUseException if nobody may use the store and a process does
   * @throws IOException if the engine has nothing in a directory, or it cannot be looked into
   */
  public LogInspection inspect(Path dataDir, DataFiles files, boolean alone) throws IOException {
    LogEngineProvider engine = byDurability.get(Durability.DURABILITY_SYNCED);
    return engine
        .inspect(dataDir, files, alone)
        .orElseThrow(
            () ->
                new IOException(
                    "the engine "
                        + engine.name()
                        + " keeps nothing in "
                        + dataDir
                        + " that can be looked into"));
  }

  /** The engines by their names. */
  List<LogEngineProvider> all() {
    return all;
  }

  /** The engine of each durability that is offered, in the order of the contract. */
  Map<Durability, LogEngineProvider> byDurability() {
    return Collections.unmodifiableMap(byDurability);
  }
}
