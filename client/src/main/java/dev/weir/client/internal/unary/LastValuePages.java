package dev.weir.client.internal.unary;

import dev.weir.client.LastValues;
import dev.weir.v1.GetLatestResponse;
import dev.weir.v1.Reading;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;

/** Last values page by page; the first page is held. Immutable, thread-safe. */
final class LastValuePages implements LastValues {
  private final Function<String, GetLatestResponse> fetch;
  private final GetLatestResponse first;

  /** Fetches the first page. */
  LastValuePages(Function<String, GetLatestResponse> fetch) {
    this.fetch = fetch;
    this.first = fetch.apply("");
  }

  @Override
  public String cursor() {
    return first.getCursor();
  }

  @Override
  public Iterator<Reading> iterator() {
    return new PageIterator<>(token -> page(fetch.apply(token)), page(first));
  }

  private static PageIterator.Page<Reading> page(GetLatestResponse response) {
    return new PageIterator.Page<>(response.getReadingsList(), response.getNextPageToken());
  }

  @Override
  public List<String> tooLarge() {
    List<String> names = new ArrayList<>(first.getTooLargeList());
    String token = first.getNextPageToken();
    while (!token.isEmpty()) {
      GetLatestResponse next = fetch.apply(token);
      names.addAll(next.getTooLargeList());
      token = next.getNextPageToken();
    }
    return names;
  }
}
