package dev.weir.service.config;

import dev.weir.service.core.fault.ErrorCode;
import java.util.Locale;

/** Writes docs/errors.md from {@link ErrorCode}. Stateless. */
final class ErrorsDoc {
  private static final String HEAD =
      """
      # Errors

      Every reason the server gives, and those that the [Java client](#the-java-client) gives itself.
      Generated from `dev.weir.service.core.fault.ErrorCode` and `ErrorsDoc`; do not edit.

      Inside a stream an error is a `Problem` with `code`, `reason`, `message` and, where they help,
      `retry_delay`, `metadata` and `field_violations`; the stream goes on. As the status of a call it
      is a `google.rpc.Status` with the same in `ErrorInfo` (domain `weir.dev`), `RetryInfo` and
      `BadRequest`. Go by the reason, never by the text of the message. "Retry" says whether the same
      request may succeed later; wait at least the delay that comes with it. Calls carry it in the trailer
      `grpc-retry-pushback-ms` too, which the retries of gRPC libraries understand; there a negative one
      says that a retry is in vain although the status is UNAVAILABLE.

      | reason | status | retry | what it means, and what to do |
      |---|---|---|---|
      """;

  /** The client's own; a test of the client holds the names against its constants. */
  private static final String CLIENT =
      """

      ## The Java client

      The client gives these reasons itself, as constants of `WeirException`; some of them are the
      server's too. Where a call broke without the server saying why, the reason is the name of the gRPC
      status, such as `UNAVAILABLE`.

      | reason | status | what it means, and what to do |
      |---|---|---|
      | `BACK_PRESSURED` | RESOURCE_EXHAUSTED (8) | The publisher's buffer (`bufferedBytesMax`) is full, and `onFull` is REFUSE. The reading was not taken. Publish it later, publish less, or raise `bufferedBytesMax`. |
      | `BLOCK_TIMEOUT` | DEADLINE_EXCEEDED (4) | `publish` waited for `blockTimeout`, or was interrupted, which CANCELLED (1) tells. The reading was not taken. Raise `bufferedBytesMax`, or publish less. |
      | `CLOSED` | CANCELLED (1) | The client, publisher or subscriber is closed, or the thread that waited for a call was interrupted: whether the server did it is unknown then. |
      | `KIND_MISMATCH` | INVALID_ARGUMENT (3) | The value's type is not the sensor's kind. Use its kind, or another name. |
      | `LAGGED` | RESOURCE_EXHAUSTED (8) | The subscription fell behind by more than `maxLag`, or out of the server's memory. Subscribe again, raise `maxLag`, or choose `conflate` or `dropOldest`. |
      | `LIMIT_REACHED` | RESOURCE_EXHAUSTED (8) | The publisher has `sensorsMax` sensors, or the client has 256 publishers and subscribers. Raise `sensorsMax`, close some, or use one more client. |
      | `TIME_OUT_OF_RANGE` | INVALID_ARGUMENT (3) | A reading's time is not from 1677-09-21 to 2262-04-11. Correct the time. |
      | `TOO_LARGE` | RESOURCE_EXHAUSTED (8) | A value is larger than `batchBytesMax` or the server's `message_bytes_max` allows. Send less at once, or raise the limit. |
      | `TOPIC_DELETED` | NOT_FOUND (5) | The topic of a subscription was deleted. |
      | `TOPIC_REPLACED` | FAILED_PRECONDITION (9) | The topic's name means another log than when the publisher began. Open a new publisher. |
      | `SPOOL_IN_USE` | FAILED_PRECONDITION (9) | Another publisher uses the spool's directory. End that one, or use another directory and another producer id. |
      | `SPOOL_OF_ANOTHER` | FAILED_PRECONDITION (9) | The spool's directory belongs to another producer or topic. Use these, or another directory. |
      | `SPOOL_FULL` | RESOURCE_EXHAUSTED (8) | The spool is full: readings were dropped or not taken. |
      | `SPOOL_DAMAGED` | DATA_LOSS (15) | Something in the spool is damaged; the message says what, and what is lost. |
      | `SPOOL_FAILED` | INTERNAL (13) | The spool's disk failed. What it had accepted is sent when a publisher opens it again. |
      | `SPOOL_OUTCOME_UNKNOWN` | UNKNOWN (2) | The spool's disk failed while it took these readings. If they are in it, the next publisher on it sends them; `SpoolStatus.readingsAccepted()` tells. |
      """;

  private ErrorsDoc() {}

  static String text() {
    var text = new StringBuilder(HEAD);
    for (ErrorCode code : ErrorCode.values()) {
      text.append(
          String.format(
              Locale.ROOT,
              "| `%s` | %s (%d) | %s | %s |\n",
              code,
              code.status(),
              code.status().number(),
              code.retryable() ? "yes" : "no",
              code.advice()));
    }
    return text.append(CLIENT).toString();
  }
}
