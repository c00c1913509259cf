package dev.weir.client;

import dev.weir.v1.Reading;
import java.util.List;

/**
 * The last value of each sensor that has one, by sensor id: the one with the greatest event time.
 * Fetched page by page while iterating; each iterator begins with the first page, which is fetched
 * already. Thread-safe; its iterators are not. Iterating blocks and throws {@link WeirException}.
 */
public interface LastValues extends Iterable<Reading> {
  /**
   * Returns the position as of which the first page's are the last values. Later pages may be as of
   * later ones; to follow on exactly, subscribe after this cursor, or with {@link
   * SubscriberOptions.Builder#snapshot}.
   */
  String cursor();

  /**
   * Fetches everything and names the sensors whose last value is too large to be kept by the
   * server. Blocks.
   */
  List<String> tooLarge();
}
