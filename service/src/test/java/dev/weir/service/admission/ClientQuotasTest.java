package dev.weir.service.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import org.junit.jupiter.api.Test;

class ClientQuotasTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long NOW = 1_700_000_000L * SECOND;

  private static ClientQuota client(Limit quota, long value) {
    return new ClientQuotas(Limits.defaults().with(quota, value)).of("a", "h", NOW);
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
        new ClientQuotas(
                Limits.defaults()
                    .with(Limit.CLIENT_PUBLISHED_READINGS_PER_SECOND, 10)
                    .with(Limit.CLIENT_PUBLISHED_BYTES_PER_SECOND, 1_000))
            .of("a", "h", NOW);
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
    ClientQuotas clients = new ClientQuotas(Limits.defaults().with(Limit.CLIENT_SESSIONS_MAX, 1));
    assertThat(clients.of("a", "h", NOW)).isSameAs(clients.of("a", "other", NOW));
    assertThat(clients.of("", "h", NOW))
        .isSameAs(clients.of("", "h", NOW))
        .isNotSameAs(clients.of("", "other", NOW))
        .isNotSameAs(clients.of("h", "h", NOW));
  }

  @Test
  void withoutQuotas_nobodyIsRemembered() {
    ClientQuotas clients = new ClientQuotas(Limits.defaults());
    assertThat(clients.of("a", "h", NOW)).isSameAs(clients.of("b", "g", NOW));
  }

  @Test
  void strangers_areForgotten_butNotThoseWhoHoldOrOweSomething() {
    ClientQuotas clients =
        new ClientQuotas(
            Limits.defaults()
                .with(Limit.SESSIONS_MAX, 1)
                .with(Limit.CLIENT_SESSIONS_MAX, 1)
                .with(Limit.CLIENT_PUBLISHED_BYTES_PER_SECOND, 1));
    ClientQuota holds = clients.of("holds", "h", NOW);
    assertThat(holds.enterSession()).isTrue();
    ClientQuota owes = clients.of("owes", "h", NOW);
    assertThat(owes.publish(1, 1_000, NOW)).isZero();
    ClientQuota idle = clients.of("idle", "h", NOW);
    for (int i = 0; i < 20_000; i++) {
      clients.of("stranger " + i, "h", NOW);
    }
    assertThat(clients.of("holds", "h", NOW)).isSameAs(holds);
    assertThat(clients.of("owes", "h", NOW)).isSameAs(owes);
    assertThat(clients.of("idle", "h", NOW)).isNotSameAs(idle);
    assertThat(clients.size()).isLessThan(10_100);
  }
}
