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
 * A queue against a model of the server's rule: whatever happens, everything is stored once, in
 * order.
 */
class PartitionSendQueueProperties {
  private static final int BATCHES = 60;

  private final List<Integer> stored = new ArrayList<>();
  private final List<Integer> refusedForGood = new ArrayList<>();
  private final Deque<Runnable> replies = new ArrayDeque<>();
  private final Deque<PendingBatch> wire = new ArrayDeque<>();
  private long last;
  private long acked;

  @Property(tries = 400)
  void whateverHappens_everyBatchIsStoredOnceInOrderOrRejected(@ForAll long seed) {
    Random random = new Random(seed);
    PartitionSendQueue queue = new PartitionSendQueue(0, 0);
    stored.clear();
    refusedForGood.clear();
    last = 0;
    acked = 0;
    int made = 0;
    for (int step = 0; step < 100_000; step++) {
      switch (random.nextInt(12)) {
        case 0, 1, 2 -> {
          if (made < BATCHES) {
            queue.add(new PendingBatch(new BatchFutures(), ++made, 1, new byte[1]));
          }
        }
        case 3, 4, 5 -> {
          if (queue.peek() != null && queue.maySend(step)) {
            wire.add(queue.peek());
            queue.send(0);
          }
        }
        case 6, 7, 8 -> serve(queue, random, step);
        case 9, 10 -> {
          if (!replies.isEmpty()) {
            replies.remove().run();
          }
        }
        default -> reconnect(queue, random);
      }
      if (queue.isOutOfStep()) {
        queue.reopen(last);
        wire.clear();
        replies.clear();
      }
      if (made == BATCHES && queue.unsettled().isEmpty() && replies.isEmpty() && wire.isEmpty()) {
        break;
      }
    }
    List<Integer> all = new ArrayList<>(stored);
    all.addAll(refusedForGood);
    assertThat(stored).isSorted().doesNotHaveDuplicates();
    assertThat(all).hasSize(BATCHES).doesNotHaveDuplicates();
  }

  private void serve(PartitionSendQueue queue, Random random, long now) {
    PendingBatch batch = wire.poll();
    if (batch == null) {
      return;
    }
    long sequence = batch.sequence();
    assertThat(sequence).as("a number already stored is never sent again").isGreaterThan(last);
    long expected = last + 1;
    if (sequence != expected) {
      reply(() -> queue.reject(sequence, expected, PartitionSendQueue.Verdict.BEHIND, 0));
    } else if (random.nextInt(5) == 0) {
      reply(() -> queue.reject(sequence, expected, PartitionSendQueue.Verdict.RETRY, now + 3));
    } else if (random.nextInt(8) == 0) {
      refusedForGood.add(batch.readings());
      reply(() -> queue.reject(sequence, expected, PartitionSendQueue.Verdict.FINAL, 0));
    } else {
      stored.add(batch.readings());
      last = sequence;
      replies.add(() -> acknowledge(queue, sequence));
    }
  }

  private void acknowledge(PartitionSendQueue queue, long sequence) {
    acked = sequence;
    queue.acknowledge(sequence);
  }

  private void reply(Runnable reject) {
    // Acks before the reject may reach the client later than it.
    if (replies.size() == 1 && acked < last) {
      replies.addFirst(reject);
    } else {
      replies.add(reject);
    }
  }

  private void reconnect(PartitionSendQueue queue, Random random) {
    if (random.nextInt(20) > 0) {
      return;
    }
    wire.clear();
    replies.clear();
    queue.reopen(last);
    // A batch that was refused for good without the client having heard of it is sent again.
    refusedForGood.removeAll(queue.unsettled().stream().map(PendingBatch::readings).toList());
  }
}
