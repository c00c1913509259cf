package dev.weir.service.core.cursor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.cursor.LogRange.Start;
import dev.weir.service.core.cursor.ResolvedPosition.At;
import dev.weir.service.core.cursor.ResolvedPosition.Expired;
import dev.weir.service.core.cursor.ResolvedPosition.Lost;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Random histories of restarts, lost tails and retention, with cursors taken on the way: resolving
 * one never shows a reading twice and never skips one silently.
 */
class CursorResolverProperties {
  private record Stored(int identity, long epoch, int readings) {}

  /** A position given out, and what its holder had seen by then. */
  private record Taken(Position position, List<Stored> seen) {}

  @Property(tries = 3_000)
  void anyCursorGivenOut_resolvesToExactlyWhatItsHolderLacks(@ForAll long seed) {
    var history = new History(new Random(seed));
    for (int step = 0; step < 60; step++) {
      history.step();
    }
    LogRange log = history.range();
    for (Taken taken : history.taken) {
      check(taken, history, log);
    }
  }

  private static void check(Taken taken, History history, LogRange log) {
    ResolvedPosition resolved = CursorResolver.resolve(taken.position(), log);
    int shared = shared(taken.seen(), history.records);
    if (resolved instanceof At at) {
      assertThat(at.position()).isEqualTo(taken.position());
      assertThat(shared).isEqualTo(taken.seen().size());
      assertThat(at.position().offset()).isEqualTo(shared);
    } else if (resolved instanceof Lost lost) {
      assertThat(lost.to().offset()).isEqualTo(shared).isGreaterThanOrEqualTo(log.startOffset());
      assertThat(lost.readings()).isEqualTo(readings(taken.seen(), shared)).isPositive();
      assertThat(CursorResolver.resolve(lost.to(), log)).isEqualTo(new At(lost.to()));
    } else if (resolved instanceof Expired expired) {
      assertThat((long) shared).isLessThan(log.startOffset());
      assertThat(expired.earliest()).isEqualTo(log.earliest());
      assertThat(expired.readings())
          .isEqualTo(log.startReadings() - readings(history.records.subList(0, shared), 0));
    } else {
      assertThat(resolved).as("a cursor given out is never invalid: " + taken).isNull();
    }
  }

  private static int shared(List<Stored> one, List<Stored> other) {
    int same = 0;
    while (same < Math.min(one.size(), other.size()) && one.get(same).equals(other.get(same))) {
      same++;
    }
    return same;
  }

  private static long readings(List<Stored> records, int from) {
    return records.subList(from, records.size()).stream().mapToLong(Stored::readings).sum();
  }

  /** A log that loses unsynced records at some restarts. */
  private static final class History {
    private final Random random;
    private final List<Stored> records = new ArrayList<>();
    private final List<Taken> taken = new ArrayList<>();
    private long number;
    private long epoch;
    private int synced;
    private int start;
    private int identities;

    History(Random random) {
      this.random = random;
      claim();
    }

    void step() {
      switch (random.nextInt(8)) {
        case 0, 1, 2, 3 -> records.add(new Stored(++identities, epoch, 1 + random.nextInt(5)));
        case 4 -> synced = records.size();
        case 5, 6 -> take();
        default -> restart();
      }
    }

    private void restart() {
      int kept = synced + random.nextInt(records.size() - synced + 1);
      records.subList(kept, records.size()).clear();
      if (random.nextInt(4) == 0) {
        start += random.nextInt(kept - start + 1);
      }
      claim();
    }

    private void claim() {
      synced = records.size();
      number += 1 + random.nextInt(2);
      epoch = (number << 16) | random.nextInt(1 << 16);
    }

    private void take() {
      int offset = start + random.nextInt(records.size() - start + 1);
      taken.add(new Taken(range().at(offset, before(offset)), seen(offset)));
      if (offset > start) {
        Position behind = new Position(records.get(offset - 1).epoch(), offset, before(offset), 0);
        taken.add(new Taken(behind, seen(offset)));
      }
    }

    private List<Stored> seen(int offset) {
      return List.copyOf(records.subList(0, offset));
    }

    private long before(int offset) {
      return readings(records.subList(0, offset), 0);
    }

    LogRange range() {
      var starts = new ArrayList<Start>();
      for (int i = 0; i < records.size(); i++) {
        if (i == 0 || records.get(i).epoch() != records.get(i - 1).epoch()) {
          starts.add(new Start(records.get(i).epoch(), i, before(i)));
        }
      }
      int end = records.size();
      return new LogRange(starts, epoch, start, before(start), end, before(end));
    }
  }
}
