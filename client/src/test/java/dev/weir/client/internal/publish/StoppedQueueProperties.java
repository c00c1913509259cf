package dev.weir.client.internal.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.internal.batch.BatchFutures;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * A queue against a model of a server whose partition stops and is restarted: what was in doubt is
 * stored once, in order, and nothing that was reported to the queue as not stored ever is.
 */
class StoppedQueueProperties {
  private static final int BATCHES = 60;

  private final List<Integer> stored = new ArrayList<>();
  private final List<PendingBatch> inDoubt = new ArrayList<>();
  private final List<Integer> told = new ArrayList<>(); // as stored
  private final List<Integer> refused = new ArrayList<>();
  private final Deque<Runnable> replies = new ArrayDeque<>();
  private final Deque<PendingBatch> wire = new ArrayDeque<>();
  private PartitionSendQueue queue;
  private boolean stopped;
  private long last;

  @Property(tries = 1_000)
  void whateverStops_everyBatchIsStoredOnceInOrderOrRefused(@ForAll long seed) {
    Random random = new Random(seed);
    queue = new PartitionSendQueue(0, 0);
    List.of(stored, told, refused).forEach(List::clear);
    inDoubt.clear();
    wire.clear();
    replies.clear();
    stopped = false;
    last = 0;
    int made = 0;
    boolean over = false;
    for (int step = 0; !over; step++) {
      assertThat(step).as("seed %s", seed).isLessThan(100_000);
      switch (random.nextInt(14)) {
        case 0, 1, 2 -> {
          if (made < BATCHES && !queue.isStopped()) {
            queue.add(new PendingBatch(new BatchFutures(), ++made, 1, new byte[1]));
          }
        }
        case 3, 4, 5 -> {
          if (queue.peek() != null && queue.maySend(step)) {
            wire.add(queue.peek());
            queue.send(0);
          }
        }
        case 6, 7, 8 -> serve(random);
        case 9, 10, 11 -> {
          if (!replies.isEmpty()) {
            replies.remove().run();
          }
        }
        case 12 -> reconnect(random, 8);
        default -> {
          if (random.nextInt(8) == 0) {
            restart(random);
            reconnect(random, 1);
          }
        }
      }
      over = made == BATCHES && queue.unsettled().isEmpty() && replies.isEmpty() && wire.isEmpty();
    }
    assertThat(stored).as("seed %s", seed).isSorted().doesNotHaveDuplicates();
    assertThat(told).as("seed %s", seed).isEqualTo(stored);
    List<Integer> all = new ArrayList<>(stored);
    all.addAll(refused);
    assertThat(all).as("seed %s", seed).hasSize(BATCHES).doesNotHaveDuplicates();
  }

  private void serve(Random random) {
    PendingBatch batch = wire.poll();
    if (batch == null) {
      return;
    }
    long sequence = batch.sequence();
    if (!stopped && sequence == last + 1 && random.nextInt(15) > 0) {
      stored.add(batch.readings());
      last = sequence;
      replies.add(() -> told(queue.acknowledge(sequence)));
    } else if (!stopped) { // the round that stops it
      stopped = true;
      boolean next = sequence == last + 1;
      while (next && batch != null) {
        inDoubt.add(batch);
        long doubtful = batch.sequence();
        replies.add(() -> unknown(doubtful));
        batch = random.nextBoolean() ? wire.poll() : null;
      }
      if (!next) {
        replies.add(() -> refuse(sequence));
      }
    } else {
      replies.add(() -> refuse(sequence));
    }
  }

  private void unknown(long sequence) {
    stop();
    assertThat(queue.doubt(sequence)).isNotNull();
  }

  private void refuse(long sequence) {
    stop();
    refused.add(queue.refuse(sequence).readings());
  }

  private void stop() {
    if (!queue.isStopped()) {
      refused(queue.stop());
    }
  }

  private void told(List<PendingBatch> batches) {
    batches.forEach(batch -> told.add(batch.readings()));
  }

  private void refused(List<PendingBatch> batches) {
    batches.forEach(batch -> refused.add(batch.readings()));
  }

  /** The server is restarted: a part of what was in doubt is stored. */
  private void restart(Random random) {
    int kept = random.nextInt(inDoubt.size() + 1);
    for (PendingBatch batch : inDoubt.subList(0, kept)) {
      stored.add(batch.readings());
      last++;
    }
    inDoubt.clear();
    stopped = false;
  }

  private void reconnect(Random random, int seldom) {
    if (random.nextInt(seldom) > 0) {
      return;
    }
    wire.clear();
    replies.clear();
    PartitionSendQueue.Reopened reopened;
    if (stopped) {
      stop();
      reopened = queue.reopenStopped(last, last + inDoubt.size());
    } else {
      reopened = queue.reopen(last);
    }
    told(reopened.stored());
    refused(reopened.refused());
  }
}
