package dev.weir.faultinjection;

import dev.weir.service.log.LogEngine;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import java.io.IOException;
import java.util.Set;

/** A log engine that dies between a commit and its news. Thread-safe. */
final class KillPointEngine implements LogEngine {
  private final LogEngine engine;
  private final KillSwitch kill;

  KillPointEngine(LogEngine engine, KillSwitch kill) {
    this.engine = engine;
    this.kill = kill;
  }

  @Override
  public String name() {
    return engine.name();
  }

  @Override
  public PartitionLog claim(PartitionId id, boolean mayMake) throws IOException {
    return new KillPointLog(id, engine.claim(id, mayMake), kill);
  }

  @Override
  public void delete(PartitionId id) throws IOException {
    engine.delete(id);
  }

  @Override
  public void sweep(Set<String> logs) {
    engine.sweep(logs);
  }

  @Override
  public void close() throws IOException {
    engine.close();
  }
}
