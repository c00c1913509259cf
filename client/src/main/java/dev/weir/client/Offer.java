package dev.weir.client;

import java.util.concurrent.CompletableFuture;

/** The outcome of offering a reading without waiting. Immutable. */
public sealed interface Offer {
  /**
   * The reading was taken.
   *
   * @param ack the future of its sensor's readings in their batch, see {@link SensorHandle#publish}
   */
  record Accepted(CompletableFuture<BatchAck> ack) implements Offer {}

  /** The buffer is full, or the first session is not open yet. The reading was not taken. */
  record BackPressured() implements Offer {}

  /**
   * The publisher takes no more readings, or none of this sensor for now: the server refuses it, or
   * has stopped its partition.
   *
   * @param cause why
   */
  record Closed(WeirException cause) implements Offer {}
}
