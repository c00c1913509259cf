package dev.weir.client;

import dev.weir.v1.Reading;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Takes the readings of one {@link Subscriber}, a delivery at a time, and finishes with them when
 * it likes.
 *
 * <p>Called on the subscriber's own thread, never concurrently; it should not block. Stages may
 * complete on any thread and in any order, but credit, {@link Subscriber#cursor()} and commits move
 * in the order of deliveries: up to the first one whose stage is not complete. At most {@link
 * SubscriberOptions#inFlightMax()} stages are open; then no further delivery is handed over. A
 * stage that fails, an exception, or null instead of a stage ends the subscriber. After a reconnect
 * deliveries still being worked on do not come again. As planned, a subscriber ends when all stages
 * are complete; closed or failed, it waits for none.
 */
@FunctionalInterface
public interface AsyncReadingHandler {
  /**
   * Takes one delivery.
   *
   * @param readings in log order per sensor; with {@link SubscriberOptions.Builder#rows()} each has
   *     its own cursor. Immutable
   * @param cursor the position after them; empty in a snapshot and where values are conflated
   * @return completes when the readings are done with
   */
  CompletionStage<?> onReadings(List<Reading> readings, String cursor);
}
