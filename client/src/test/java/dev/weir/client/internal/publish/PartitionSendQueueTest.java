package dev.weir.client.internal.publish;

import static dev.weir.client.internal.publish.PartitionSendQueue.Verdict.BEHIND;
import static dev.weir.client.internal.publish.PartitionSendQueue.Verdict.FINAL;
import static dev.weir.client.internal.publish.PartitionSendQueue.Verdict.RETRY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.internal.batch.BatchFutures;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Rule 1 of PublishService, from the client's side. Batches are named by their number of readings.
 */
class PartitionSendQueueTest {
  private final PartitionSendQueue queue = new PartitionSendQueue(0, 0);

  @Test
  void pipelinedBatches_areNumberedConsecutivelyAndAckedCumulatively() {
    send(1, 2, 3);

    assertThat(names(queue.acknowledge(2))).containsExactly(1, 2);
    assertThat(names(queue.acknowledge(2))).isEmpty();
    assertThat(names(queue.unsettled())).containsExactly(3);
    assertThat(names(queue.acknowledge(3))).containsExactly(3);
    assertThat(queue.unsettled()).isEmpty();
    assertThat(send(4)).containsExactly(4L);
  }

  @Test
  void batches_areSpacedUnlessFull() {
    assertThat(queue.takesAny(-5)).as("the first one waits for nothing").isTrue();
    queue.add(batch(1));
    assertThat(queue.takesAny(-5)).as("one is to be sent before").isFalse();
    queue.send(1_000);

    assertThat(queue.takesAny(1_000 + PartitionSendQueue.SPACING_NANOS - 1)).isFalse();
    assertThat(queue.takesAnyAtNanos(7)).isEqualTo(1_000 + PartitionSendQueue.SPACING_NANOS);
    assertThat(queue.takesAny(1_000 + PartitionSendQueue.SPACING_NANOS)).isTrue();
  }

  @Test
  void batchesGather_whileSeveralAreUnacknowledged() {
    send(1, 2, 3);
    long spaced = PartitionSendQueue.SPACING_NANOS;
    assertThat(queue.takesAny(spaced)).isTrue();
    send(4);
    assertThat(queue.takesAny(spaced)).isFalse();
    assertThat(queue.takesAnyAtNanos(7)).as("acks come first").isEqualTo(7);
    queue.acknowledge(1);
    assertThat(queue.takesAny(spaced)).isTrue();
    queue.reject(2, 2, FINAL, 0);
    assertThat(queue.takesAny(spaced)).as("those behind it are to be rejected first").isFalse();
  }

  @Test
  void lateBatch_makesTheNextNoLater() {
    long spacing = PartitionSendQueue.SPACING_NANOS;
    queue.add(batch(1));
    queue.send(0);
    queue.add(batch(2));
    queue.send(spacing + 70_000);
    assertThat(queue.takesAnyAtNanos(7)).isEqualTo(2 * spacing);
    queue.add(batch(3));
    queue.send(3 * spacing);
    assertThat(queue.takesAnyAtNanos(7)).as("a pause is no lateness").isEqualTo(4 * spacing);
    queue.acknowledge(3);
    queue.add(batch(4));
    queue.send(3 * spacing + 10);
    assertThat(queue.takesAnyAtNanos(7)).as("a full one").isEqualTo(4 * spacing + 10);
  }

  @Test
  void knownProducer_goesOnBehindItsLastSequence() {
    PartitionSendQueue known = new PartitionSendQueue(0, 41);
    known.add(batch(1));
    known.send(0);
    assertThat(names(known.acknowledge(41))).isEmpty();
    assertThat(names(known.acknowledge(42))).containsExactly(1);
  }

  @Test
  void rejectInTheMiddleOfAPipeline_nothingIsSentUntilAllBehindAreRejectedToo() {
    send(1, 2, 3, 4);
    queue.add(batch(5));

    assertThat(queue.reject(2, 2, FINAL, 0).readings()).isEqualTo(2);
    assertThat(queue.maySend(0)).isFalse();
    queue.acknowledge(1);
    assertThat(queue.maySend(0)).isFalse();
    queue.reject(3, 2, BEHIND, 0);
    assertThat(queue.maySend(0)).isFalse();
    queue.reject(4, 2, BEHIND, 0);

    assertThat(queue.maySend(0)).isTrue();
    assertThat(queue.isOutOfStep()).isFalse();
    assertThat(sendAll()).containsExactly("2:3", "3:4", "4:5");
  }

  @Test
  void ackOfAnEarlierBatchAfterTheLastReject_settlesThePartition() {
    send(1, 2, 3);
    queue.reject(2, 1, FINAL, 0);
    queue.reject(3, 1, BEHIND, 0);
    assertThat(queue.maySend(0)).isFalse();

    queue.acknowledge(1);

    assertThat(queue.maySend(0)).isTrue();
    assertThat(sendAll()).containsExactly("2:3");
  }

  @Test
  void retryableReject_isSentAgainUnderItsNumberAfterTheDelay() {
    send(1, 2, 3);
    queue.reject(1, 1, RETRY, 5_000);
    queue.reject(2, 1, BEHIND, 0);
    queue.reject(3, 1, BEHIND, 0);

    assertThat(queue.isDelayed(4_999)).isTrue();
    assertThat(queue.maySend(4_999)).isFalse();
    assertThat(queue.resumeAtNanos()).isEqualTo(5_000);
    assertThat(queue.maySend(5_000)).isTrue();
    assertThat(sendAll()).containsExactly("1:1", "2:2", "3:3");
  }

  @Test
  void rolledBackRound_whereAllBatchesAreRetryable_waitsOnceAndKeepsTheirOrder() {
    send(1, 2, 3);
    queue.reject(1, 1, RETRY, 10);
    assertThat(queue.isRetrying()).isTrue();
    queue.reject(2, 1, RETRY, 20);
    queue.reject(3, 1, RETRY, 30);

    assertThat(queue.maySend(9)).isFalse();
    assertThat(queue.maySend(10)).isTrue();
    assertThat(queue.isRetrying()).as("the next round waits anew").isFalse();
    assertThat(sendAll()).containsExactly("1:1", "2:2", "3:3");
  }

  @Test
  void severalRejectsForGood_theirNumbersAreReusedOnce() {
    send(1, 2, 3, 4);
    queue.reject(1, 1, FINAL, 0);
    queue.reject(2, 1, BEHIND, 0);
    queue.reject(3, 1, FINAL, 0);
    queue.reject(4, 1, BEHIND, 0);

    assertThat(sendAll()).containsExactly("1:2", "2:4");
  }

  @Test
  void lateRejectOfAnOldNumber_saysNothing() {
    send(1, 2);
    queue.acknowledge(1);

    assertThat(queue.reject(1, 2, FINAL, 0)).isNull();
    assertThat(queue.reject(9, 2, FINAL, 0)).isNull();

    assertThat(queue.maySend(0)).isTrue();
    assertThat(names(queue.acknowledge(2))).containsExactly(2);
  }

  @Test
  void rejectedOnlyForNumbers_asksForANewSession() {
    send(1, 2);
    queue.reject(1, 1, BEHIND, 0);
    assertThat(queue.isOutOfStep()).isFalse();
    queue.reject(2, 1, BEHIND, 0);
    assertThat(queue.isOutOfStep()).isTrue();

    queue.reopen(0);
    assertThat(queue.isOutOfStep()).isFalse();
    assertThat(sendAll()).containsExactly("1:1", "2:2");
  }

  @Test
  void serverThatExpectsMoreThanWasSent_asksForANewSession() {
    send(1);
    queue.reject(1, 7, FINAL, 0);
    assertThat(queue.isOutOfStep()).isTrue();
  }

  @Test
  void reconnectWithUnacknowledgedBatches_settlesTheStoredAndReplaysTheRest() {
    send(1, 2, 3);
    queue.add(batch(4));
    queue.acknowledge(1);

    var reopened = queue.reopen(2);

    assertThat(names(reopened.stored())).containsExactly(2);
    assertThat(reopened.lostFrom()).isGreaterThan(reopened.lostThrough());
    assertThat(sendAll()).containsExactly("3:3", "4:4");
  }

  @Test
  void reconnectWhileSettling_renumbersWhatWasRejectedAndWhatWasNot() {
    send(1, 2, 3, 4);
    queue.reject(1, 1, FINAL, 0);
    queue.reject(2, 1, BEHIND, 0);

    var reopened = queue.reopen(0);

    assertThat(reopened.stored()).isEmpty();
    assertThat(queue.maySend(0)).isTrue();
    assertThat(sendAll()).containsExactly("1:2", "2:3", "3:4");
  }

  @Test
  void reconnectDuringARetryDelay_sendsAtOnce() {
    send(1);
    queue.reject(1, 1, RETRY, 1_000_000);
    queue.reopen(0);
    assertThat(queue.maySend(0)).isTrue();
    assertThat(sendAll()).containsExactly("1:1");
  }

  @Test
  void openedBelowWhatWasAcknowledged_reportsTheLostRangeAndRenumbers() {
    send(1, 2, 3, 4);
    queue.acknowledge(3);

    var reopened = queue.reopen(1);

    assertThat(reopened.lostFrom()).isEqualTo(2);
    assertThat(reopened.lostThrough()).isEqualTo(3);
    assertThat(sendAll()).containsExactly("2:4");
    assertThat(queue.reopen(1).lostThrough()).isLessThan(2);
  }

  @Test
  void endOfThePublisher_findsEveryBatchOnceInOrder() {
    send(1, 2, 3, 4);
    queue.add(batch(5));
    queue.acknowledge(1);
    queue.reject(3, 2, RETRY, 0);

    assertThat(names(queue.unsettled())).containsExactlyInAnyOrder(2, 3, 4, 5);
    assertThat(names(queue.clear())).containsExactlyInAnyOrder(2, 3, 4, 5);
    assertThat(queue.unsettled()).isEmpty();
  }

  private List<Long> send(int... names) {
    List<Long> sequences = new ArrayList<>();
    for (int name : names) {
      PendingBatch batch = batch(name);
      queue.add(batch);
      queue.send(0);
      sequences.add(batch.sequence());
    }
    return sequences;
  }

  private List<String> sendAll() {
    List<String> sent = new ArrayList<>();
    while (queue.peek() != null) {
      PendingBatch batch = queue.peek();
      queue.send(0);
      sent.add(batch.sequence() + ":" + batch.readings());
    }
    return sent;
  }

  private static List<Integer> names(List<PendingBatch> batches) {
    return batches.stream().map(PendingBatch::readings).toList();
  }

  private static PendingBatch batch(int name) {
    return new PendingBatch(new BatchFutures(), name, 100, new byte[] {1, 2, 3});
  }
}
