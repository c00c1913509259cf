package dev.weir.service.core.fair;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class CostQueueTest {
  private static final long TURN = 10;

  private final CostQueue<String> queue = new CostQueue<>(10_000, TURN);
  private final CostQueue.Party<String> many = new CostQueue.Party<>();
  private final CostQueue.Party<String> one = new CostQueue.Party<>();

  @Test
  void partyWithAThousandItems_delaysAnothersOnlyItemByOneTurn() {
    for (int i = 0; i < 1_000; i++) {
      queue.offer(many, "many");
    }
    for (int turn = 0; turn < 500; turn++) {
      assertThat(queue.poll()).isEqualTo("many");
      queue.charge(many, 4_000_000);
      queue.offer(one, "one");
      assertThat(queue.poll()).as("turn %d", turn).isEqualTo("one");
    }
  }

  @Test
  void partiesOfTheSameCost_alternate() {
    for (int i = 0; i < 4; i++) {
      queue.offer(many, "many");
      queue.offer(one, "one");
    }
    for (int i = 0; i < 4; i++) {
      assertThat(List.of(queue.poll(), queue.poll())).containsExactlyInAnyOrder("many", "one");
    }
    assertThat(queue.poll()).isNull();
    assertThat(queue.size()).isZero();
  }

  @Test
  void partyWhoseItemsCostMore_hasFewerTurns() {
    int[] turns = new int[2];
    for (int i = 0; i < 200; i++) {
      queue.offer(many, "dear");
      queue.offer(one, "cheap");
    }
    for (int i = 0; i < 200; i++) {
      boolean dear = queue.poll().equals("dear");
      queue.charge(dear ? many : one, dear ? 9 * TURN : 0);
      turns[dear ? 0 : 1]++;
    }
    assertThat(turns[1]).as("ten times as many").isBetween(9 * turns[0], 11 * turns[0]);
  }

  @Test
  void partyThatWasAway_hasNoTurnsSavedUp() {
    queue.offer(one, "one");
    queue.poll();
    for (int i = 0; i < 100; i++) {
      queue.offer(many, "many");
      queue.poll();
      queue.charge(many, 1_000);
    }
    List<String> order = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      queue.offer(many, "many");
      queue.offer(one, "one");
    }
    for (int i = 0; i < 20; i++) {
      String next = queue.poll();
      queue.charge(next.equals("one") ? one : many, 1_000);
      order.add(next);
    }
    assertThat(order.stream().filter("many"::equals).count()).isBetween(9L, 11L);
  }

  @Test
  void partyThatLeft_paysWhatItCost_whenItComesAgain() {
    queue.offer(one, "one");
    for (int i = 0; i < 20; i++) { // one item after the other, beside one that always waits
      CostQueue.Party<String> again = queue.join("again");
      queue.offer(again, "again");
      List<String> turns = new ArrayList<>();
      while (!turns.contains("again")) {
        String next = queue.poll();
        turns.add(next);
        if (next.equals("one")) {
          queue.charge(one, 90);
          queue.offer(one, "one");
        }
      }
      queue.charge(again, 490);
      queue.leave("again", again);
      if (i > 0) {
        assertThat(turns).as("turns of round %d", i).hasSizeBetween(5, 7);
      }
    }
  }

  @Test
  void partiesThatLeft_areForgottenWhenTheClockHasPassedThem() {
    for (int i = 0; i < 100; i++) {
      CostQueue.Party<String> party = queue.join(i);
      queue.offer(party, "once");
      queue.poll();
      queue.charge(party, i);
      queue.leave(i, party);
    }
    assertThat(queue.left()).isEqualTo(100);
    for (int i = 0; i < 20; i++) {
      queue.offer(one, "one");
      queue.poll();
    }
    assertThat(queue.left()).as("those who cost less than the one that stayed").isZero();
  }

  @Test
  void partiesThatLeave_areKeptUpToABound_andDelayNobodyForEver() {
    CostQueue.Party<String> dear = queue.join("dear");
    queue.offer(dear, "dear");
    queue.poll();
    queue.charge(dear, 10_000);
    queue.offer(dear, "dear");
    int others = 0;
    for (String next = ""; !next.equals("dear"); others++) { // each new one comes once
      assertThat(others).as("others before it").isLessThan(2_000 * CostQueue.LEFT_MAX);
      CostQueue.Party<String> party = queue.join(others);
      queue.offer(party, "new");
      next = queue.poll();
      if (next.equals("new")) {
        queue.leave(others, party);
      }
      assertThat(queue.left()).isLessThanOrEqualTo(CostQueue.LEFT_MAX);
    }
  }

  @Test
  void fullQueue_refuses_andTakesAgainWhenThereIsRoom() {
    CostQueue<String> small = new CostQueue<>(2, TURN);
    assertThat(small.offer(many, "a")).isTrue();
    assertThat(small.offer(many, "b")).isTrue();
    assertThat(small.offer(one, "c")).isFalse();
    assertThat(small.remove(one, "c")).isFalse();
    assertThat(small.remove(many, "a")).isTrue();
    assertThat(small.remove(many, "a")).isFalse();
    assertThat(small.offer(one, "c")).isTrue();
    assertThat(small.poll()).isEqualTo("b");
    assertThat(small.remove(one, "c")).isTrue();
    assertThat(small.poll()).isNull();
  }

  /** Of two parties that wait all the time, none is ahead by more than its dearest item. */
  @Property(tries = 200)
  void partiesThatAlwaysWait_shareTheCost(@ForAll long seed) {
    Random random = new Random(seed);
    CostQueue<Integer> shared = new CostQueue<>(10_000, TURN);
    List<CostQueue.Party<Integer>> parties = new ArrayList<>();
    int count = 2 + random.nextInt(5);
    int[] dearest = new int[count];
    Map<Integer, Long> cost = new HashMap<>();
    for (int p = 0; p < count; p++) {
      parties.add(new CostQueue.Party<>());
      dearest[p] = 1 + random.nextInt(1_000);
      for (int i = 0; i < 1 + random.nextInt(3); i++) {
        shared.offer(parties.get(p), p);
      }
      cost.put(p, 0L);
    }
    for (int step = 0; step < 2_000; step++) {
      int next = shared.poll();
      long more = random.nextInt(dearest[next]);
      shared.offer(parties.get(next), next);
      shared.charge(parties.get(next), more);
      cost.merge(next, TURN + more, Long::sum);
    }
    long least = cost.values().stream().mapToLong(Long::longValue).min().orElseThrow();
    long most = cost.values().stream().mapToLong(Long::longValue).max().orElseThrow();
    assertThat(most - least).as("seed %d", seed).isLessThanOrEqualTo(2 * (1_000 + TURN));
  }
}
