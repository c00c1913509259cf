package dev.weir.service.latest;

import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.budget.RevocableBudget;

/** Holders of cuts for tests that are not about memory. Stateless. */
public final class CutHolders {
  private CutHolders() {}

  /** One that is never revoked. */
  public static CutHolder unbounded() {
    var budget = new RevocableBudget(new Budget("snapshot_budget_bytes", Long.MAX_VALUE / 2));
    return new CutHolder(budget, "test", () -> {});
  }
}
