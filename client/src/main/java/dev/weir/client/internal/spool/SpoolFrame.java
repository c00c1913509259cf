package dev.weir.client.internal.spool;

import dev.weir.v1.Sensor;
import java.util.Map;

/**
 * Readings that a spool accepted as one: a run of what was published, in order. Immutable; nobody
 * changes the array.
 *
 * @param head what is known without the body
 * @param mark the publisher's position that was set in it, or null
 * @param sensors the sensors it introduces in its segment, by key
 * @param batch a {@code weir.v1.Batch} whose sensor ids are keys; empty where there are no readings
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares frames
record SpoolFrame(Head head, Mark mark, Map<Integer, Sensor> sensors, byte[] batch) {
  /**
   * The head of a frame.
   *
   * @param number its place in the spool, from 1
   * @param readings how many readings it holds
   * @param readingsBefore readings of all frames before it
   * @param partitions the partitions its readings belong to, as bits; 0: not known when written
   * @param sendLimit the last frame that may have been sent once this one is synced
   * @param syncedThrough the last frame that was synced when this one was written
   * @param keys how many keys were given to sensors so far
   */
  record Head(
      long number,
      int readings,
      long readingsBefore,
      long partitions,
      long sendLimit,
      long syncedThrough,
      int keys) {
    /** Readings of all frames up to this one. */
    long readingsThrough() {
      return readingsBefore + readings;
    }
  }

  /**
   * A position of the publisher.
   *
   * @param position what the publisher calls it
   * @param at readings of the frame that were published before it was set
   */
  record Mark(String position, int at) {}

  long number() {
    return head.number();
  }
}
