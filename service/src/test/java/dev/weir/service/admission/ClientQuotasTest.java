package dev.weir.service.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ClientQuotasTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long NOW = 1_700_000_000L * SECOND;

  private final Budget budget = new Budget("session_budget_bytes", 1L << 40);

  private ClientQuota client(Limit quota, long value) {
    return clients(Limits.defaults().with(quota, value)).enter("a", "h");
  }

  private ClientQuotas clients(Limits limits) {
    return new ClientQuotas(limits, budget);
  }

  @Test
  void overASecond_aClientPublishesItsQuota_afterASecondsWorthAtOnce() {
    ClientQuota client = client(Limit.CLIENT_PUBLISHED_READINGS_PER_SECOND, 100);
    long taken = 0;
    for (long at = NOW; at < NOW + 10 * SECOND; at += SECOND / 1_000) {
      taken += client.publish(1, 1_000, at) == 0 ? 1 : 0;
    }
    assertThat(taken).isBetween(1_099L, 1_101L);
  }

  @Test
  void batchLargerThanTheQuota_isTaken_andTheNextOneWaitsForIt() {
    ClientQuota client = client(Limit.CLIENT_PUBLISHED_BYTES_PER_SECOND, 1_000);
    assertThat(client.publish(1, 5_000, NOW)).isZero();
    assertThat(client.publish(1, 1, NOW)).isEqualTo(4 * SECOND);
    assertThat(client.publish(1, 1, NOW + 4 * SECOND)).isZero();
  }

  @Test
  void quotaThatIsExceeded_isNamed() {
    ClientQuota client =
        clients(
                Limits.defaults()
                    .with(Limit.CLIENT_PUBLISHED_READINGS_PER_SECOND, 10)
                    .with(Limit.CLIENT_PUBLISHED_BYTES_PER_SECOND, 1_000))
            .enter("a", "h");
    assertThat(client.publish(1, 5_000, NOW)).isZero();
    assertThat(client.publishQuota(NOW)).isEqualTo(Limit.CLIENT_PUBLISHED_BYTES_PER_SECOND);
    assertThat(client.publish(90, 1, NOW + 5 * SECOND)).isZero();
    assertThat(client.publishQuota(NOW + 5 * SECOND))
        .isEqualTo(Limit.CLIENT_PUBLISHED_READINGS_PER_SECOND);
  }

  @Test
  void whatIsNotUsed_isKeptForOneSecond() {
    ClientQuota client = client(Limit.CLIENT_DELIVERED_BYTES_PER_SECOND, 1_000);
    client.delivered(1, NOW);
    client.delivered(1_999, NOW + 100 * SECOND);
    assertThat(client.deliveryWait(NOW + 100 * SECOND)).isEqualTo(SECOND * 999 / 1_000);
  }

  @Test
  void places_areGivenBack() {
    ClientQuota client = client(Limit.CLIENT_SESSIONS_MAX, 2);
    assertThat(client.enterSession()).isTrue();
    assertThat(client.enterSession()).isTrue();
    assertThat(client.enterSession()).isFalse();
    client.leaveSession();
    assertThat(client.enterSession()).isTrue();
    assertThat(client.enterSubscription()).as("another quota").isTrue();
  }

  @Test
  void clients_areTheirNames_andWithoutOneTheirHosts() {
    ClientQuotas clients = clients(Limits.defaults().with(Limit.CLIENT_SESSIONS_MAX, 1));
    assertThat(clients.enter("a", "h")).isSameAs(clients.enter("a", "other"));
    assertThat(clients.enter("", "h"))
        .isSameAs(clients.enter("", "h"))
        .isNotSameAs(clients.enter("", "other"))
        .isNotSameAs(clients.enter("h", "h"));
  }

  @Test
  void withoutQuotas_nobodyIsRemembered() {
    ClientQuotas clients = clients(Limits.defaults());
    ClientQuota one = clients.enter("a", "h");
    assertThat(one).isSameAs(clients.enter("b", "g"));
    clients.leave(one, NOW);
    assertThat(clients.size()).isZero();
    assertThat(budget.used()).isZero();
  }

  @Test
  void clientThatComesBack_hasWhatItLeft_howeverManyCameBetween() {
    ClientQuotas clients =
        clients(
            Limits.defaults()
                .with(Limit.CLIENT_PUBLISHED_BYTES_PER_SECOND, 1)
                .with(Limit.SESSIONS_MAX, 1));
    ClientQuota owes = clients.enter("owes", "h");
    assertThat(owes.publish(1, 1_000, NOW)).isZero();
    clients.leave(owes, NOW);
    for (int i = 0; i < 20_000; i++) {
      clients.leave(clients.enter("stranger " + i, "h"), NOW);
    }
    ClientQuota back = clients.enter("owes", "h");
    assertThat(back.publishWait(NOW)).isEqualTo(999 * SECOND);
    clients.leave(back, NOW);
    assertThat(clients.size()).as("strangers used nothing").isEqualTo(1);
  }

  @Test
  void clientThatOwesNothing_hasNoSecondsWorthAgain_beforeASecondHasPassed() {
    ClientQuotas clients =
        clients(Limits.defaults().with(Limit.CLIENT_PUBLISHED_READINGS_PER_SECOND, 100));
    ClientQuota client = clients.enter("a", "h");
    assertThat(client.publish(200, 1, NOW)).isZero();
    clients.leave(client, NOW + SECOND); // it owes nothing any more
    clients.sweep(NOW + SECOND);
    ClientQuota back = clients.enter("a", "h");
    assertThat(back.publish(1, 1, NOW + SECOND)).isZero();
    assertThat(back.publish(1, 1, NOW + SECOND)).isEqualTo(SECOND / 100);
  }

  @Test
  void clientThatLeft_isForgottenAndNotChargedAnyMore_whenItsQuotaHasRefilled() {
    ClientQuotas clients =
        clients(Limits.defaults().with(Limit.CLIENT_DELIVERED_BYTES_PER_SECOND, 1_000));
    ClientQuota first = clients.enter("a", "h");
    ClientQuota second = clients.enter("a", "h");
    long one = budget.used();
    assertThat(one).isBetween(400L, 500L);
    clients.leave(first, NOW);
    second.delivered(1_500, NOW);
    clients.sweep(NOW + 100 * SECOND);
    assertThat(clients.size()).as("a call holds it").isEqualTo(1);
    clients.leave(second, NOW);
    clients.sweep(NOW + 3 * SECOND / 2 - 1);
    assertThat(clients.size()).isEqualTo(1);
    assertThat(budget.used()).isEqualTo(one);
    clients.sweep(NOW + 3 * SECOND / 2);
    assertThat(clients.size()).isZero();
    assertThat(budget.used()).isZero();
  }

  @Test
  void clientsThatComeAndGo_forgetThoseBeforeThem() {
    ClientQuotas clients =
        clients(Limits.defaults().with(Limit.CLIENT_PUBLISHED_READINGS_PER_SECOND, 1_000));
    for (int i = 0; i < 100_000; i++) {
      long now = NOW + i * SECOND / 1_000;
      ClientQuota passing = clients.enter("passing " + i, "h");
      passing.publish(1, 1, now);
      clients.leave(passing, now);
    }
    assertThat(clients.size()).isLessThan(10);
  }

  /** A cost that grew with the clients would be some thousand million steps here. */
  @Test
  @Timeout(30)
  void manyClientsThatOwe_costACallNothing() {
    ClientQuotas clients =
        clients(
            Limits.defaults()
                .with(Limit.CLIENT_PUBLISHED_READINGS_PER_SECOND, 1)
                .with(Limit.SESSIONS_MAX, 1));
    for (int i = 0; i < 100_000; i++) {
      ClientQuota owes = clients.enter("owes " + i, "h");
      owes.publish(1_000_000, 1, NOW);
      clients.leave(owes, NOW);
    }
    assertThat(clients.size()).isEqualTo(100_000);
    clients.sweep(NOW + SECOND);
    assertThat(clients.size()).isEqualTo(100_000);
  }
}
