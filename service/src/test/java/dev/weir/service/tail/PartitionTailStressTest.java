package dev.weir.service.tail;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.budget.Budget;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tails with a writer each and readers all over, by real threads. */
@Timeout(30)
class PartitionTailStressTest {
  private static final int RECORDS = 200_000;

  /** Less than both rings hold when full, so that each writer evicts from the other. */
  private static final long BYTES_MAX = 7_000;

  @Test
  void concurrentReaders_seeExactlyTheRecordOrNothing() throws Exception {
    TailBudget budget = new TailBudget(new Budget("tail_bytes", BYTES_MAX));
    List<PartitionTail> tails =
        List.of(PartitionTailTest.tail(0, 16, budget), PartitionTailTest.tail(1_000, 16, budget));
    ExecutorService threads = Executors.newCachedThreadPool();
    AtomicBoolean done = new AtomicBoolean();
    List<Future<Long>> readers = new ArrayList<>();
    for (PartitionTail tail : tails) {
      readers.add(threads.submit(() -> read(tail, done)));
    }
    List<Future<?>> writers = new ArrayList<>();
    for (PartitionTail tail : tails) {
      writers.add(threads.submit(() -> write(tail)));
    }
    for (Future<?> writer : writers) {
      writer.get(25, TimeUnit.SECONDS);
    }
    done.set(true);
    for (Future<Long> reader : readers) {
      assertThat(reader.get(25, TimeUnit.SECONDS)).as("records seen").isPositive();
    }
    threads.shutdown();
    assertThat(budget.bytes()).isEqualTo(held(tails)).isLessThanOrEqualTo(BYTES_MAX);
  }

  private static void write(PartitionTail tail) {
    Random random = new Random(3);
    for (int written = 0; written < RECORDS; ) {
      int count = 1 + random.nextInt(5);
      tail.append(PartitionTailTest.records(tail.head().offset(), count, random.nextInt(200)));
      written += count;
    }
  }

  /** Follows a tail; what is found at the head's heels is checked. Returns how many were found. */
  private static long read(PartitionTail tail, AtomicBoolean done) {
    Random random = new Random(4);
    long seen = 0;
    while (!done.get()) {
      long head = tail.head().offset();
      long offset = Math.max(0, head - 1 - random.nextInt(20));
      TailRecord found = tail.get(offset);
      if (found != null) {
        seen++;
        if (found.record().offset() != offset || found.record().readingsBefore() != offset) {
          throw new AssertionError("asked for " + offset + ", got " + found.record());
        }
        tail.touch();
      }
      if (tail.head().offset() < head) {
        throw new AssertionError("the head went back");
      }
    }
    return seen;
  }

  private static long held(List<PartitionTail> tails) {
    long held = 0;
    for (PartitionTail tail : tails) {
      for (long offset = 0; offset < tail.head().offset(); offset++) {
        TailRecord found = tail.get(offset);
        held += found == null ? 0 : found.heldBytes();
      }
    }
    return held;
  }
}
