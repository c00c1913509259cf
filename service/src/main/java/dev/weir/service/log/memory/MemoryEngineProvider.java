package dev.weir.service.log.memory;

import dev.weir.service.config.Limit;
import dev.weir.service.log.EpochSource;
import dev.weir.service.log.LogEngine;
import dev.weir.service.log.LogEngineProvider;
import dev.weir.service.log.LogEngineSettings;
import dev.weir.v1.Durability;
import java.util.Set;

/** Opens the engine that keeps MEMORY topics. Stateless. */
public final class MemoryEngineProvider implements LogEngineProvider {
  static final String NAME = "memory";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Set<Durability> durabilities() {
    return Set.of(Durability.DURABILITY_MEMORY);
  }

  @Override
  public LogEngine open(LogEngineSettings settings, EpochSource epochs) {
    long bytesMax = settings.limits().get(Limit.MEMORY_TOPIC_BYTES);
    return new MemoryEngine(epochs, bytesMax, settings.memoryLogs());
  }
}
