package dev.weir.service.config;

import dev.weir.service.core.fault.ErrorCode;
import java.util.Locale;

/** Writes docs/errors.md from {@link ErrorCode}. Stateless. */
final class ErrorsDoc {
  private static final String HEAD =
      """
      # Errors

      Every reason Weir gives. Generated from `dev.weir.service.core.fault.ErrorCode`; do not edit.

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
    return text.toString();
  }
}
