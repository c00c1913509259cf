package dev.weir.service.wire.check;

/** The result of {@link BatchCheck} for a batch's bytes. Immutable. */
public sealed interface BatchCheckResult
    permits BatchCheckResult.Canonical, BatchCheckResult.Recode, InvalidBatch {
  /**
   * Canonical and right: to be stored as it is.
   *
   * @param readings number of readings, at least 1
   * @param eventMinNanos least event time, Unix nanoseconds
   * @param eventMaxNanos greatest event time, Unix nanoseconds
   * @param traceparent W3C trace context; empty for none
   */
  record Canonical(int readings, long eventMinNanos, long eventMaxNanos, String traceparent)
      implements BatchCheckResult {}

  /**
   * Not canonical: {@link BatchRecoder} re-encodes it off the event loop, or says what is wrong.
   */
  record Recode() implements BatchCheckResult {}
}
