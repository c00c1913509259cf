package dev.weir.service.tail;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.budget.Budget;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What evicting costs, and when it happens. */
class TailBudgetTest {
  private static final int MANY = 100_000;

  /** Holds bytes, and counts how often somebody looks at it. */
  static final class Holder implements Evictable {
    final AtomicLong looks;
    TailBudget.Holding holding;
    long bytes;
    long tick;
    boolean evicted;

    Holder(AtomicLong looks) {
      this.looks = looks;
    }

    static Holder in(TailBudget budget, AtomicLong looks) {
      Holder made = new Holder(looks);
      made.holding = budget.add(made);
      return made;
    }

    void grow(long more) {
      bytes += more;
      holding.grew(more);
    }

    @Override
    public boolean isEmpty() {
      looks.incrementAndGet();
      return bytes == 0;
    }

    @Override
    public long lastReadTick() {
      return tick;
    }

    @Override
    public long heldBytes() {
      return bytes;
    }

    @Override
    public long evictHalf() {
      evicted = true;
      long freed = (bytes + 1) / 2;
      bytes -= freed;
      return freed;
    }
  }

  @Test
  void evictionAmongManyHolders_looksAtFewOfThem() {
    TailBudget budget = new TailBudget(new Budget("tail_bytes", 8L * MANY));
    AtomicLong looks = new AtomicLong();
    List<Holder> holders = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      Holder holder = Holder.in(budget, looks);
      holder.grow(8);
      holders.add(holder);
    }
    assertThat(looks.get()).as("nothing was evicted").isZero();
    for (int i = 0; i < MANY; i++) {
      Holder busy = holders.get(i);
      busy.tick = budget.tick();
      busy.grow(4); // makes one evict
    }
    assertThat(budget.bytes()).isLessThanOrEqualTo(8L * MANY);
    assertThat(looks.get()).isLessThanOrEqualTo(2L * MANY * TailBudget.LOOKED_AT_MAX);
  }

  @Test
  void holdersThatWereJustRead_stay_whileOthersWereNot() {
    TailBudget budget = new TailBudget(new Budget("tail_bytes", 8L * 60));
    AtomicLong looks = new AtomicLong();
    List<Holder> holders = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      holders.add(Holder.in(budget, looks));
      holders.get(i).grow(8);
    }
    List<Holder> read = holders.subList(20, 60); // those that are looked at first
    read.forEach(holder -> holder.tick = budget.tick());
    for (int i = 0; i < 15; i++) {
      holders.get(0).grow(1);
      holders.get(0).tick = budget.tick();
    }
    assertThat(read).noneMatch(holder -> holder.evicted);
    assertThat(budget.bytes()).isLessThanOrEqualTo(8L * 60);
  }

  @Test
  void manyHolders_comeAndGo() {
    TailBudget budget = new TailBudget(new Budget("tail_bytes", 100));
    AtomicLong looks = new AtomicLong();
    List<Holder> holders = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      holders.add(Holder.in(budget, looks));
    }
    holders.get(MANY / 2).grow(50);
    holders.forEach(holder -> holder.holding.close(holder.bytes));
    assertThat(budget.bytes()).isZero();
    Holder next = Holder.in(budget, looks);
    next.grow(200);
    assertThat(next.evicted).isTrue();
    assertThat(looks.get()).isLessThan(10);
  }

  @Test
  void boundThatShrinks_isKeptWithoutAnAppend() {
    AtomicLong max = new AtomicLong(1_000);
    TailBudget budget = new TailBudget(new Budget("tail_bytes", "bytes", max::get));
    Holder holder = Holder.in(budget, new AtomicLong());
    holder.grow(1_000);
    max.set(300);
    budget.settle();
    assertThat(budget.bytes()).isLessThanOrEqualTo(300);
    assertThat(holder.bytes).isEqualTo(budget.bytes()).isPositive();
  }

  @Test
  void holderThatWasEmptied_isEvictedAgainOnceItGrew() {
    TailBudget budget = new TailBudget(new Budget("tail_bytes", 100));
    AtomicLong looks = new AtomicLong();
    Holder emptied = Holder.in(budget, looks);
    Holder other = Holder.in(budget, looks);
    emptied.grow(50);
    budget.gaveBack(emptied.bytes);
    emptied.bytes = 0;
    other.grow(101); // looks at both
    assertThat(emptied.evicted).isFalse();
    other.tick = budget.tick();
    emptied.grow(60);
    assertThat(emptied.evicted).isTrue();
  }
}
