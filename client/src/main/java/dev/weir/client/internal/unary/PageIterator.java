package dev.weir.client.internal.unary;

import dev.weir.common.OwnedBy;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;

/**
 * Walks through pages, fetching one when it is needed. Owned by its caller.
 *
 * @param <T> what is listed
 */
@OwnedBy("its caller")
final class PageIterator<T> implements Iterator<T> {
  private final Function<String, Page<T>> fetch;
  private Page<T> page;
  private int next;

  PageIterator(Function<String, Page<T>> fetch) {
    this(fetch, null);
  }

  /** Begins with a page that is there already, unless it is null. */
  PageIterator(Function<String, Page<T>> fetch, Page<T> first) {
    this.fetch = fetch;
    this.page = first;
  }

  /**
   * One page.
   *
   * @param items what is on it
   * @param nextToken where the next one begins; empty: this was the last
   */
  record Page<T>(List<T> items, String nextToken) {}

  @Override
  public boolean hasNext() {
    if (page == null) {
      page = fetch.apply("");
    }
    while (next == page.items().size() && !page.nextToken().isEmpty()) {
      page = fetch.apply(page.nextToken());
      next = 0;
    }
    return next < page.items().size();
  }

  @Override
  public T next() {
    if (!hasNext()) {
      throw new NoSuchElementException("no further page");
    }
    return page.items().get(next++);
  }
}
