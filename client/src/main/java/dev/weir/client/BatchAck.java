package dev.weir.client;

import dev.weir.v1.Durability;

/**
 * Acknowledges that a batch is stored, or is safe on this machine's disk where the publisher has a
 * spool. Immutable.
 *
 * @param partition the partition that has it, from 0; −1: the spool
 * @param sequence the batch's number of this producer in that partition; its number in the spool
 * @param readings how many readings of the batch are stored: all but those of refused sensors
 * @param cursor a position after the batch, and perhaps after later ones: subscribing after it
 *     misses nothing published later. Empty where the ack was learnt from a reconnect, and for the
 *     spool
 * @param durability what "stored" means on this topic; UNSPECIFIED for the spool
 */
public record BatchAck(
    int partition, long sequence, int readings, String cursor, Durability durability) {
  private static final int SPOOL = -1;

  /** Returns the ack of a batch that a spool accepted under a number of its own. */
  public static BatchAck ofSpool(long number, int readings) {
    return new BatchAck(SPOOL, number, readings, "", Durability.DURABILITY_UNSPECIFIED);
  }

  /** Returns whether the readings are in the publisher's spool, and not on the server yet. */
  public boolean isSpooled() {
    return partition == SPOOL;
  }
}
