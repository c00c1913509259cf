package dev.weir.service.partition;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.sequence.ProducerTable;
import dev.weir.service.log.AppendOutcome;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Answers requests once it is known how their commit round ended: only here are acks released, and
 * so never before the write and the sync. Owned by the partition's writer.
 */
@OwnedBy("partition writer")
final class CommitRoundReplies {
  private static final List<Integer> NO_ROWS = List.of();

  private final PartitionFaults refusals;
  private final ProducerTable producers;
  private final ProducerSessions sessions;
  private final BooleanSupplier stopped;

  /**
   * Answers for a partition.
   *
   * @param stopped whether it stores nothing any more before a restart
   */
  CommitRoundReplies(
      PartitionFaults refusals,
      ProducerTable producers,
      ProducerSessions sessions,
      BooleanSupplier stopped) {
    this.refusals = refusals;
    this.producers = producers;
    this.sessions = sessions;
    this.stopped = stopped;
  }

  /** Gives a result if the round is stored, and why there is none otherwise. */
  void reply(
      AppendOutcome outcome,
      Consumer<PartitionResult> reply,
      PartitionResult ifStored,
      LongSupplier expected) {
    if (outcome instanceof AppendOutcome.Committed) {
      reply.accept(ifStored);
    } else if (outcome instanceof AppendOutcome.NotStored failed) {
      Fault fault = refusals.notStored(failed.cause());
      reply.accept(new PartitionResult.Rejected(fault, NO_ROWS, expected.getAsLong()));
    } else {
      reply.accept(new PartitionResult.Unknown(refusals.poisoned()));
    }
  }

  /** The same for who has no sequence. */
  void reply(AppendOutcome outcome, Consumer<PartitionResult> reply, PartitionResult ifStored) {
    reply(outcome, reply, ifStored, () -> 0L);
  }

  /** Refuses what has no sequence: void if the round is not stored. */
  void refuse(Consumer<PartitionResult> reply, Fault fault, CommitRound round) {
    PartitionResult refused = new PartitionResult.Rejected(fault, NO_ROWS, 0);
    round.whenSettled(outcome -> reply(outcome, reply, refused));
  }

  /** Rejects a batch, however the round ends. */
  void reject(PartitionRequest.Append append, Fault fault, CommitRound round) {
    reject(append, fault, NO_ROWS, round);
  }

  /** The same because of some rows. */
  void reject(PartitionRequest.Append append, Fault fault, List<Integer> rows, CommitRound round) {
    round.whenSettled(outcome -> append.reply().accept(rejected(append, fault, rows)));
  }

  /** Rejects by what may become real with this round only: void if the round is not stored. */
  void rejectByState(PartitionRequest.Append append, Fault fault, CommitRound round) {
    round.whenSettled(
        outcome -> {
          LongSupplier expected = expected(append.producer());
          reply(outcome, append.reply(), rejected(append, fault, NO_ROWS), expected);
        });
  }

  /** Rejects a batch that is not its producer's next, and says which is. */
  void outOfSequence(PartitionRequest.Append append, CommitRound round) {
    round.whenSettled(
        outcome -> {
          long next = expected(append.producer()).getAsLong();
          Fault fault = PartitionFaults.outOfSequence(append.sequence(), next);
          append.reply().accept(rejected(append, fault, NO_ROWS));
        });
  }

  private PartitionResult rejected(
      PartitionRequest.Append append, Fault fault, List<Integer> rows) {
    boolean behind = stopped.getAsBoolean() && fault.code() == ErrorCode.OUT_OF_SEQUENCE;
    Fault why = behind ? refusals.poisoned() : fault; // it never will be next
    if (sessions.inDoubtThrough(append.producer()) > 0) {
      return new PartitionResult.Unknown(
          refusals.poisoned(), Optional.of(why)); // nobody knows where to go on
    }
    long expected = expected(append.producer()).getAsLong();
    Fault told = append.producer().isEmpty() ? why : why.with("expected_sequence", expected);
    return new PartitionResult.Rejected(told, rows, expected);
  }

  /** The next sequence of a producer, once the round has ended; 0 without one. */
  LongSupplier expected(String producer) {
    return () -> producer.isEmpty() ? 0 : producers.committedLast(producer) + 1;
  }
}
