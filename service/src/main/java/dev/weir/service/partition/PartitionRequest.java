package dev.weir.service.partition;

import dev.weir.service.core.fault.Fault;
import dev.weir.v1.Sensor;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * A request to a partition's writer, which handles them in the order asked. Replies come once,
 * after the commit, on the writer's thread, or for a topic in memory perhaps on the caller's before
 * {@link Partition#offer} returns; they must not block.
 */
public sealed interface PartitionRequest {
  /** Answers that nobody knows how it ended, where it can be answered so. */
  default void unknown(Fault why) {}

  /**
   * Returns whether it is done in microseconds.
   *
   * @param bytesMax the most that a batch, which has nothing to be converted, may have
   */
  default boolean isQuick(int bytesMax) {
    return false;
  }

  /**
   * Stores a batch.
   *
   * @param publisher the session; null for a single call
   * @param producer the producer's id; empty for an anonymous batch
   * @param epoch the producer's epoch; 0 for its present one
   * @param sequence the batch's sequence; 0 for an anonymous batch
   * @param payload the batch
   * @param notNow why it is not stored now, unless it is stored already; such as a quota
   * @param reply gets Stored, Rejected or Unknown
   */
  record Append(
      ProducerSession publisher,
      String producer,
      long epoch,
      long sequence,
      Payload payload,
      Optional<Fault> notNow,
      Consumer<PartitionResult> reply)
      implements PartitionRequest {

    /** One that nothing is against. */
    public Append(
        ProducerSession publisher,
        String producer,
        long epoch,
        long sequence,
        Payload payload,
        Consumer<PartitionResult> reply) {
      this(publisher, producer, epoch, sequence, payload, Optional.empty(), reply);
    }

    @Override
    public void unknown(Fault why) {
      reply.accept(new PartitionResult.Unknown(why));
    }

    @Override
    public boolean isQuick(int bytesMax) {
      return payload instanceof Payload.Encoded encoded && encoded.batch().length() <= bytesMax;
    }
  }

  /**
   * Defines sensors.
   *
   * @param sensors checked definitions that belong to this partition
   * @param reply gets Defined, Rejected or Unknown
   */
  record Define(List<Sensor> sensors, Consumer<PartitionResult> reply) implements PartitionRequest {
    @Override
    public void unknown(Fault why) {
      reply.accept(new PartitionResult.Unknown(why));
    }
  }

  /**
   * Makes a session the newest of its producer.
   *
   * @param publisher the session
   * @param announce the epoch must be a record of the log before the reply
   * @param reply gets Opened, Rejected or Unknown
   */
  record Open(ProducerSession publisher, boolean announce, Consumer<PartitionResult> reply)
      implements PartitionRequest {
    @Override
    public void unknown(Fault why) {
      reply.accept(new PartitionResult.Unknown(why));
    }
  }

  /**
   * Asks what {@link Open} would answer, and changes nothing.
   *
   * @param publisher the session
   * @param reply gets Opened, Rejected or Unknown
   */
  record CheckOpen(ProducerSession publisher, Consumer<PartitionResult> reply)
      implements PartitionRequest {
    @Override
    public void unknown(Fault why) {
      reply.accept(new PartitionResult.Unknown(why));
    }
  }

  /**
   * Ends a session.
   *
   * @param publisher the session
   */
  record Leave(ProducerSession publisher) implements PartitionRequest {}

  /**
   * Asks for a producer's present epoch.
   *
   * @param producer its id
   * @param reply gets the epoch, 0 for none
   */
  record AskEpoch(String producer, LongConsumer reply) implements PartitionRequest {}
}
