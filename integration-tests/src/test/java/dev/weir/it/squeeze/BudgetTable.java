package dev.weir.it.squeeze;

import dev.weir.service.config.Limit;
import dev.weir.v1.AdminServiceGrpc;
import dev.weir.v1.Budget;
import dev.weir.v1.GetServerInfoRequest;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The budgets that a server reports. Immutable. */
final class BudgetTable {
  private static final long DEADLINE_SECONDS = 5;
  private static final int SMALL_SHARE = 32;
  private static final long FILES_MORE = 16;

  /** Caches, and what is kept: they may be full while the server is quiet. */
  private static final Set<String> KEPT =
      Set.of(
          Limit.TAIL_BYTES.yamlName(),
          Limit.CATCHUP_BLOCK_BYTES.yamlName(),
          Limit.LATEST_BYTES_MAX.yamlName(),
          Limit.MEMORY_LOG_BYTES.yamlName());

  private final Map<String, Budget> budgets;

  private BudgetTable(Map<String, Budget> budgets) {
    this.budgets = budgets;
  }

  /** Asks a server; gives an empty table where it does not answer. */
  static BudgetTable of(Channel channel) {
    Map<String, Budget> all = new LinkedHashMap<>();
    try {
      AdminServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
          .getServerInfo(GetServerInfoRequest.getDefaultInstance())
          .getBudgetsList()
          .forEach(budget -> all.put(budget.getName(), budget));
    } catch (StatusRuntimeException e) {
      return new BudgetTable(Map.of());
    }
    return new BudgetTable(all);
  }

  boolean isEmpty() {
    return budgets.isEmpty();
  }

  /** Lists what is held that was not held in a quiet server; empty: it is quiet again. */
  List<String> above(BudgetTable quiet) {
    List<String> more = new ArrayList<>();
    for (Budget now : budgets.values()) {
      Budget before = quiet.budgets.get(now.getName());
      if (before == null || KEPT.contains(now.getName())) {
        continue;
      }
      long some = now.getUnit().equals("files") ? FILES_MORE : now.getLimit() / SMALL_SHARE;
      if (now.getUsed() > before.getUsed() + some) {
        more.add(now.getName() + " " + now.getUsed() + ", quiet " + before.getUsed());
      }
    }
    return more;
  }

  /** The greater use of each of the two. */
  BudgetTable max(BudgetTable other) {
    Map<String, Budget> all = new LinkedHashMap<>(budgets);
    other.budgets.forEach(
        (name, budget) ->
            all.merge(name, budget, (one, two) -> one.getUsed() >= two.getUsed() ? one : two));
    return new BudgetTable(all);
  }

  /** Returns the budgets that refused something since an earlier table. */
  Map<String, Long> refusalsSince(BudgetTable before) {
    Map<String, Long> all = new LinkedHashMap<>();
    budgets.forEach(
        (name, budget) -> {
          Budget old = before.budgets.getOrDefault(name, Budget.getDefaultInstance());
          if (budget.getRefusals() > old.getRefusals()) {
            all.put(name, budget.getRefusals() - old.getRefusals());
          }
        });
    return all;
  }

  @Override
  public String toString() {
    StringBuilder table = new StringBuilder();
    for (Budget budget : budgets.values()) {
      table.append(
          String.format(
              "%n    %-24s %,15d of %,15d %s, %,d refused",
              budget.getName(),
              budget.getUsed(),
              budget.getLimit(),
              budget.getUnit(),
              budget.getRefusals()));
    }
    return budgets.isEmpty() ? "no answer" : table.toString();
  }
}
