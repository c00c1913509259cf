package dev.weir.client;

import dev.weir.v1.Durability;

/**
 * A batch is stored. Immutable.
 *
 * @param partition the partition that has it, from 0
 * @param sequence the batch's number of this producer in that partition
 * @param readings how many readings of the batch are stored: all but those of refused sensors
 * @param cursor a position behind the batch, and perhaps behind later ones: subscribing after it
 *     misses nothing published later. Empty where the ack was learnt from a reconnect
 * @param durability what "stored" means on this topic
 */
public record BatchAck(
    int partition, long sequence, int readings, String cursor, Durability durability) {}
