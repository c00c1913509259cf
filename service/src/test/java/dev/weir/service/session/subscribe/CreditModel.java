package dev.weir.service.session.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.cursor.Cursor;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Credit;
import dev.weir.v1.Delivery;
import dev.weir.v1.Selector;
import dev.weir.v1.SubscribeResponse;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the client of one subscribing session may be sent: for each subscription the totals it
 * granted, what was charged, and what is stored for it. Owned by one test.
 */
final class CreditModel {
  /** One life of a subscription's id. */
  private static final class Life {
    private final Selector selector;
    private long readingsGranted;
    private long bytesGranted;
    private long readings;
    private long bytes;
    private int startOffset = -1; // not yet told that it began

    Life(Selector selector, Credit credit) {
      this.selector = selector;
      grant(credit);
    }

    private void grant(Credit credit) {
      readingsGranted =
          Math.max(readingsGranted, credit.hasReadings() ? credit.getReadings() : Long.MAX_VALUE);
      bytesGranted = Math.max(bytesGranted, credit.hasBytes() ? credit.getBytes() : Long.MAX_VALUE);
    }

    private boolean mayStart() {
      return readings < readingsGranted && bytes < bytesGranted;
    }

    @Override
    public String toString() {
      return String.format(
          "%d of %d readings, %d of %d bytes", readings, readingsGranted, bytes, bytesGranted);
    }
  }

  /** Lives of each id, the oldest first: one that was removed may still be sent to. */
  private final Map<Integer, Deque<Life>> lives = new HashMap<>();

  /** The sensors of each stored record's readings. */
  private final List<List<String>> records = new ArrayList<>();

  private final Map<Integer, Boolean> removed = new HashMap<>();

  // ---- what the client and the publisher do

  void stored(List<String> sensors) {
    records.add(sensors);
  }

  void added(int id, Selector selector, Credit credit) {
    lives.computeIfAbsent(id, key -> new ArrayDeque<>()).add(new Life(selector, credit));
    removed.put(id, false);
  }

  void removed(int id) {
    removed.put(id, true);
  }

  /** Returns whether the client has an id in use. */
  boolean has(int id) {
    return !removed.getOrDefault(id, true);
  }

  void granted(int id, Credit credit) {
    if (has(id)) {
      lives.get(id).getLast().grant(credit);
    }
  }

  // ---- what the session does

  /** Checks a message at the moment it is sent. */
  void sent(SubscribeResponse said) {
    if (said.hasStatus()) {
      assertThat(said.getStatus().hasProblem()).as("%s", said).isFalse();
      Cursor start = Cursor.parse(said.getStatus().getStartCursor()).orElseThrow();
      Life life = lives.get(said.getStatus().getSubscription()).getFirst();
      life.startOffset = (int) start.position(0).offset();
    } else if (said.hasEnd()) {
      lives.get(said.getEnd().getSubscription()).removeFirst();
    } else if (said.hasDelivery()) {
      delivered(said.getDelivery());
    }
  }

  private void delivered(Delivery delivery) {
    Life life = lives.get(delivery.getSubscription()).getFirst();
    assertThat(life.readings).as("%s", life).isLessThan(life.readingsGranted);
    assertThat(life.bytes).as("%s", life).isLessThan(life.bytesGranted);
    int columns =
        delivery.getBatchesList().stream()
            .map(Batch::getColumnsList)
            .flatMap(List::stream)
            .mapToInt(Columns::getCount)
            .sum();
    assertThat(delivery.getChargedReadings())
        .isEqualTo(delivery.getReadingsCount() + columns)
        .isPositive();
    life.readings += delivery.getChargedReadings();
    life.bytes += delivery.getChargedBytes();
    assertThat(life.readings).isLessThanOrEqualTo(matching(life));
  }

  private long matching(Life life) {
    return records.subList(life.startOffset, records.size()).stream()
        .flatMap(List::stream)
        .filter(sensor -> life.selector.getAll() || life.selector.getNamesList().contains(sensor))
        .count();
  }

  // ---- rest

  /** A session at rest, whose peer is ready, has sent what it may. Returns readings still owed. */
  long checkIdle() {
    long owed = 0;
    for (Map.Entry<Integer, Deque<Life>> entry : lives.entrySet()) {
      assertThat(entry.getValue()).hasSize(has(entry.getKey()) ? 1 : 0);
      for (Life life : entry.getValue()) {
        assertThat(life.startOffset).as("subscription %s began", entry.getKey()).isNotNegative();
        long left = matching(life) - life.readings;
        assertThat(left > 0 && life.mayStart())
            .as("subscription %s rests with %s left, after %s", entry.getKey(), left, life)
            .isFalse();
        owed += left;
      }
    }
    return owed;
  }
}
