package dev.weir.client.internal.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.v1.Credit;
import java.util.ArrayDeque;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** Credit against a server that sends whenever both totals allow, and breaks off at any time. */
class CreditLedgerProperties {
  @Property(tries = 200)
  void managed_neverAllowsMoreThanTheWindowUnfinishedAndNeverStops(
      @ForAll @LongRange(min = 1, max = 1_000) long window,
      @ForAll @LongRange(min = 1, max = 10_000) long bytes,
      @ForAll @IntRange(min = 1, max = 8) int inFlightMax,
      @ForAll long seed) {
    Random random = new Random(seed);
    CreditLedger ledger = CreditLedger.managed(window, bytes);
    Credit told = ledger.open();
    ArrayDeque<Long> unfinished = new ArrayDeque<>();
    long sent = 0;
    for (int step = 0; step < 400; step++) {
      long inHand = unfinished.stream().mapToLong(n -> n).sum();
      boolean mayStart = sent < told.getReadings() && 10 * sent < told.getBytes();
      assertThat(mayStart || !unfinished.isEmpty()).as("never stops").isTrue();
      if (mayStart && unfinished.size() < inFlightMax && random.nextBoolean()) {
        assertThat(inHand < window && 10 * inHand < bytes).as("overruns by one only").isTrue();
        long n = random.nextLong(1, 300);
        sent += n;
        unfinished.add(n);
        ledger.handed(n, 10 * n);
      } else if (random.nextInt(20) == 0) {
        sent = 0;
        told = ledger.open();
      } else if (!unfinished.isEmpty()) {
        long n = unfinished.remove();
        if (ledger.finished(n, 10 * n)) {
          Credit next = ledger.tell();
          assertThat(next.getReadings()).isGreaterThanOrEqualTo(told.getReadings());
          told = next;
        }
      }
    }
  }

  @Property(tries = 200)
  void byHand_allowsExactlyWhatWasRequestedOverAllSessions(@ForAll long seed) {
    Random random = new Random(seed);
    CreditLedger ledger = CreditLedger.byHand(false);
    long told = ledger.open().getReadings();
    long requested = 0;
    long handed = 0;
    long base = 0;
    for (int step = 0; step < 400; step++) {
      switch (random.nextInt(3)) {
        case 0 -> {
          long n = random.nextLong(1, 50);
          requested += n;
          told = ledger.request(n) ? ledger.tell().getReadings() : told;
        }
        case 1 -> {
          if (handed - base < told) {
            assertThat(handed).as("one delivery may overrun").isLessThan(requested);
            long n = random.nextLong(1, 80);
            handed += n;
            ledger.handed(n, n);
            assertThat(ledger.finished(n, n)).as("finishing asks for nothing").isFalse();
          }
        }
        default -> {
          base = handed;
          told = ledger.open().getReadings();
        }
      }
      assertThat(told).isEqualTo(Math.max(0, requested - base));
    }
  }
}
