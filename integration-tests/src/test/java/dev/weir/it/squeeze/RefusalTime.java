package dev.weir.it.squeeze;

import java.util.ArrayList;
import java.util.List;

/** For how long an honest client was refused. Thread-safe. */
final class RefusalTime {
  private record Span(long fromNanos, long toNanos, String why) {}

  private final List<Span> spans = new ArrayList<>(); // guarded by this, as the next
  private long sinceNanos;
  private String why; // null while it is not refused

  synchronized void refused(long nowNanos, String reason) {
    if (why == null) {
      sinceNanos = nowNanos;
      why = reason;
    }
  }

  /**
   * It was served.
   *
   * @param askedNanos when it had asked for that
   */
  synchronized void accepted(long askedNanos, long nowNanos) {
    if (why != null && askedNanos >= sinceNanos) {
      spans.add(new Span(sinceNanos, nowNanos, why));
      why = null;
    }
  }

  synchronized boolean isRefused() {
    return why != null;
  }

  /** The longest time that overlaps with a span, in nanoseconds. */
  synchronized long longestNanos(long fromNanos, long toNanos, long nowNanos) {
    return within(fromNanos, toNanos, nowNanos).stream()
        .mapToLong(span -> span.toNanos - span.fromNanos)
        .max()
        .orElse(0);
  }

  /** Returns why it was refused the longest; empty where it was not. */
  synchronized String worst(long fromNanos, long toNanos, long nowNanos) {
    long longest = longestNanos(fromNanos, toNanos, nowNanos);
    return within(fromNanos, toNanos, nowNanos).stream()
        .filter(span -> span.toNanos - span.fromNanos == longest)
        .map(Span::why)
        .findFirst()
        .orElse("");
  }

  private List<Span> within(long fromNanos, long toNanos, long nowNanos) {
    List<Span> all = new ArrayList<>(spans);
    if (why != null) {
      all.add(new Span(sinceNanos, nowNanos, why));
    }
    return all.stream()
        .filter(span -> span.fromNanos < toNanos && span.toNanos > fromNanos)
        .toList();
  }
}
