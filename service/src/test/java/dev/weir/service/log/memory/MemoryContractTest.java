package dev.weir.service.log.memory;

import dev.weir.service.core.budget.Budget;
import dev.weir.service.log.LogEngine;
import dev.weir.service.log.RetentionContractTest;
import java.util.concurrent.atomic.AtomicLong;

/** The engine in memory, with room for all that a test appends until retention says otherwise. */
final class MemoryContractTest extends RetentionContractTest {
  private final AtomicLong epoch = new AtomicLong();

  @Override
  protected LogEngine openEngine() {
    return new MemoryEngine(
        id -> epoch.incrementAndGet(),
        Long.MAX_VALUE,
        new Budget("memory_log_bytes", Long.MAX_VALUE));
  }
}
