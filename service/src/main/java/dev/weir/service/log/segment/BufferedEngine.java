package dev.weir.service.log.segment;

import dev.weir.service.log.LogEngine;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import java.io.IOException;

/** The partitions of an engine that commit before their sync. Thread-safe, as that engine is. */
final class BufferedEngine implements LogEngine {
  private final SegmentEngine engine;

  BufferedEngine(SegmentEngine engine) {
    this.engine = engine;
  }

  @Override
  public String name() {
    return engine.name();
  }

  @Override
  public PartitionLog claim(PartitionId id, boolean mayMake) throws IOException {
    return engine.claim(id, mayMake, true);
  }

  @Override
  public void delete(PartitionId id) throws IOException {
    engine.delete(id);
  }

  @Override
  public void close() {
    // The engine itself is closed by whoever opened it.
  }
}
