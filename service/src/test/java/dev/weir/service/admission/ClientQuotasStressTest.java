package dev.weir.service.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * Many threads come and go as few clients. While these publish, they try four times what they may;
 * in between they are forgotten and made again all the time. At no time is there more than one
 * entry of a client, and none uses more than its quotas.
 */
class ClientQuotasStressTest {
  private static final long NOW = 1_700_000_000_000_000_000L;
  private static final long MILLI = 1_000_000L;
  private static final int THREADS = 8;
  private static final int CALLS = 20_000; // of each thread
  private static final int CLIENTS = 5;
  private static final int BATCH = 20; // readings; some four times as much as may be
  private static final long PER_MILLI = 1; // readings that a client may publish
  private static final long PHASE_NANOS = 4_000 * MILLI; // of publishing, and of none in turns

  private final Budget budget = new Budget("session_budget_bytes", 1L << 40);
  private final ClientQuotas clients =
      new ClientQuotas(
          Limits.defaults()
              .with(Limit.CLIENT_PUBLISHED_READINGS_PER_SECOND, 1_000 * PER_MILLI)
              .with(Limit.CLIENT_SESSIONS_MAX, 1),
          budget);
  private final AtomicLong nowNanos = new AtomicLong(NOW);
  private final AtomicLong pauses = new AtomicLong();
  private final AtomicLongArray published = new AtomicLongArray(CLIENTS);
  private final AtomicIntegerArray sessions = new AtomicIntegerArray(CLIENTS);
  private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();

  private void call(int client, boolean slowly) {
    ClientQuota quota = clients.enter("client " + client, "h");
    if (slowly) {
      LockSupport.parkNanos(1); // others come and go meanwhile
    }
    boolean entered = quota.enterSession();
    if (entered && sessions.incrementAndGet(client) > 1) {
      wrong.add("client " + client + " has two sessions");
    }
    long now = nowNanos.addAndGet(MILLI);
    boolean publishes = now / PHASE_NANOS % 2 == 0;
    if (publishes && quota.publish(BATCH, 1, now) == 0) {
      published.addAndGet(client, BATCH);
    }
    if (entered) {
      sessions.decrementAndGet(client);
      quota.leaveSession();
    }
    clients.leave(quota, nowNanos.get());
  }

  private void run(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < CALLS; i++) {
      call(random.nextInt(CLIENTS), random.nextInt(8) == 0);
      if (random.nextInt(4_000) == 0) { // all quotas refill, and everybody who left is forgotten
        pauses.incrementAndGet();
        clients.sweep(nowNanos.addAndGet(3_000 * MILLI));
      }
    }
  }

  @Test
  void clientsThatAreForgottenAndMadeAgain_neitherLoseNorDoubleTheirQuota() throws Exception {
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      long seed = t;
      threads.add(new Thread(() -> run(seed)));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(wrong).isEmpty();
    assertThat(pauses.get()).isPositive();
    // Half of the time is for publishing. A pause, and the other half, give a second's worth, which
    // the first batch may exceed; threads that look at the same time may each take one.
    long nanos = nowNanos.get() - NOW - pauses.get() * 3_000 * MILLI;
    long rests = pauses.get() + nanos / PHASE_NANOS + 1;
    long publishingMillis = (nanos / 2 + PHASE_NANOS) / MILLI;
    long most = publishingMillis * PER_MILLI + rests * (1_000 * PER_MILLI + THREADS * BATCH);
    for (int client = 0; client < CLIENTS; client++) {
      assertThat(published.get(client)).as("client " + client).isBetween(1L, most);
    }
    clients.sweep(nowNanos.get() + 3_600_000 * MILLI);
    assertThat(clients.size()).isZero();
    assertThat(budget.used()).isZero();
  }
}
