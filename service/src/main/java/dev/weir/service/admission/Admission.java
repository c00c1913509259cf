package dev.weir.service.admission;

import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.budget.RevocableBudget;
import java.time.Duration;

/**
 * Decides who is let in, and with how much. Thread-safe.
 *
 * @param clients quotas of each client
 * @param budgets what all hold together
 * @param staleOpens finds opens of publishers that arrive late, which are refused
 * @param streamRequests what messages of streams take while an event loop reads them; as much as
 *     unary calls may hold, but apart, so that those who fill that end no session
 * @param snapshots who holds what of the budget of snapshots
 */
public record Admission(
    ClientQuotas clients,
    Budgets budgets,
    StaleOpenCheck staleOpens,
    Budget streamRequests,
    RevocableBudget snapshots) {
  /** The admission of a server. */
  public static Admission of(Limits limits, Budgets budgets) {
    Budget requests = budgets.requests();
    return new Admission(
        new ClientQuotas(limits, budgets.sessions()),
        budgets,
        new StaleOpenCheck(budgets.sessions()),
        new Budget(requests.name(), requests.unit(), requests::max),
        new RevocableBudget(budgets.snapshots()));
  }

  /** Returns the budget of what publishers have sent. */
  public Budget unanswered() {
    return budgets.publish();
  }

  /** Returns the budget of what connections have not taken yet. */
  public Budget unsent() {
    return budgets.unsent();
  }

  /** Returns the budget of what unary calls have sent. */
  public Budget requests() {
    return budgets.requests();
  }

  /** A wait as a retry delay, never shorter than others are told. */
  public static Duration delay(long waitNanos, Duration least) {
    Duration wait = Duration.ofNanos(waitNanos);
    return wait.compareTo(least) < 0 ? least : wait;
  }
}
