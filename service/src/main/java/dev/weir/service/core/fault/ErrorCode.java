package dev.weir.service.core.fault;

import dev.weir.service.core.NanoTimeRange;

/**
 * Every reason the server gives, with what it means and what to do: the source of docs/errors.md.
 */
public enum ErrorCode {
  INVALID_ARGUMENT(
      Status.INVALID_ARGUMENT,
      false,
      "A field is wrong; the field violations say which. Mend the request."),
  EMPTY_SELECTOR(
      Status.INVALID_ARGUMENT,
      false,
      "A selector selects nothing. Set `all: true`, or give `names`, `globs` or `labels`."),
  KIND_MISMATCH(
      Status.INVALID_ARGUMENT,
      false,
      "The sensor exists with another kind. Use its kind, or another name."),
  UNKNOWN_SENSOR_ID(
      Status.INVALID_ARGUMENT,
      false,
      "The id is not bound in this session. Define the sensor first."),
  SPANS_PARTITIONS(
      Status.INVALID_ARGUMENT,
      false,
      "A batch with a sequence, or of an upload, belongs to one partition. Split it by partition."),
  TIME_OUT_OF_RANGE(
      Status.INVALID_ARGUMENT,
      false,
      "A time is not from "
          + NanoTimeRange.DAYS
          + ", or an event time is more than event_time_ahead_ms_max after the batch's append time."
          + " Correct the field that is named, or check the device's clock."),
  CURSOR_INVALID(
      Status.INVALID_ARGUMENT,
      false,
      "The cursor is damaged or of another log. Start from `earliest`, `latest` or a time."),
  BAD_UTF8(Status.INVALID_ARGUMENT, false, "A text is not valid UTF-8. Send such bytes as a BLOB."),
  TOPIC_NOT_FOUND(Status.NOT_FOUND, false, "The topic does not exist. Create it with CreateTopic."),
  TOPIC_EXISTS(
      Status.ALREADY_EXISTS,
      false,
      "The topic exists with other settings. Use it as it is, or another name."),
  SUBSCRIPTION_EXISTS(
      Status.ALREADY_EXISTS,
      false,
      "The session has a subscription with this id. Remove it first, or use another id."),
  SUBSCRIPTION_NOT_FOUND(
      Status.NOT_FOUND, false, "The session has no subscription with this id. Add it first."),
  CURSOR_EXPIRED(
      Status.FAILED_PRECONDITION,
      false,
      "The position is no longer in the log. Start from the earliest cursor given."),
  CURSOR_NOT_FOUND(
      Status.NOT_FOUND,
      false,
      "No cursor is committed under this name. Commit one first; GetCursors lists them."),
  COMMIT_AHEAD(
      Status.FAILED_PRECONDITION,
      false,
      "The subscription was not given this cursor yet. Commit only what it delivered."),
  SENSOR_NOT_FOUND(
      Status.NOT_FOUND,
      false,
      "The topic has no sensor of this name. State its kind to define it."),
  SESSION_NOT_OPEN(
      Status.FAILED_PRECONDITION, false, "The first message of a session must be `open`, once."),
  SESSION_NOT_FOUND(
      Status.NOT_FOUND,
      false,
      "No open session has this id. ListSessions gives the ids of open sessions."),
  OUT_OF_SEQUENCE(
      Status.FAILED_PRECONDITION,
      false,
      "A batch before this one is missing. Go on at the expected sequence."),
  PRODUCER_FENCED(
      Status.FAILED_PRECONDITION,
      false,
      "A newer epoch of this producer is open. Stop this one, or open with epoch 0."),
  REPLACED(
      Status.ABORTED, false, "A newer session of this producer and epoch is open. Stop this one."),
  STALE_OPEN(
      Status.ABORTED,
      false,
      "A later open of the same publisher object (`instance`) has come before this one. Leave this"
          + " call; to take the session over, open with a greater `attempt`."),
  TOO_LARGE(
      Status.RESOURCE_EXHAUSTED,
      false,
      "A size is over a limit of this server. Send less at once; GetServerInfo lists the limits."),
  OVERLOADED(
      Status.RESOURCE_EXHAUSTED,
      true,
      "The server, or the connection's part of it, takes no more right now. The message names the"
          + " limit. Retry after the delay."),
  QUOTA_EXCEEDED(
      Status.RESOURCE_EXHAUSTED,
      true,
      "The client has used up its share (client_… in docs/limits.md); nothing was stored. Retry"
          + " after the delay, or ask the operator for a greater one."),
  LIMIT_REACHED(
      Status.RESOURCE_EXHAUSTED,
      false,
      "A limit on a number of things, or on their bytes, is reached; the message names it. Delete"
          + " or close something, or ask the operator to raise the limit (GetServerInfo lists"
          + " all)."),
  DISK_FULL(
      Status.RESOURCE_EXHAUSTED,
      true,
      "The server's disk is full, but for what is kept for upkeep (disk_reserve_bytes); nothing was"
          + " stored. Free space, or shorten retention; retry after the delay."),
  STORE_FAILED(
      Status.UNAVAILABLE,
      true,
      "The log could not be written or read; nothing was stored. Retry after the delay; if it"
          + " stays, look at the server's disk and its log."),
  PARTITION_UNAVAILABLE(
      Status.UNAVAILABLE,
      false,
      "The partition stopped after a failed sync. The operator must restart the server."),
  SESSION_ENDED(
      Status.UNAVAILABLE,
      true,
      "An operator ended the session. Reconnect, unless the operator's words ask for something"
          + " else."),
  SESSION_TOO_OLD(
      Status.UNAVAILABLE,
      true,
      "The session had its greatest age (session_age_ms_max). Open a new one; nothing is lost."),
  SHUTTING_DOWN(
      Status.UNAVAILABLE,
      true,
      "The server is stopping. Reconnect: to another server at once, to the same one after the"
          + " delay."),
  DEADLINE_EXCEEDED(
      Status.DEADLINE_EXCEEDED,
      true,
      "The deadline passed; the outcome is unknown unless a sequence says it."),
  DATA_LOSS(
      Status.DATA_LOSS,
      false,
      "Stored data is damaged. The message names the range; see docs/operations.md."),
  UNIMPLEMENTED(
      Status.UNIMPLEMENTED,
      false,
      "This server does not know the request, field or option. Leave it out, or use a newer"
          + " server."),
  INTERNAL(
      Status.INTERNAL,
      false,
      "A defect of the server. Report it with the session id and the server's log.");

  /** The gRPC status codes in use, by number. */
  public enum Status {
    INVALID_ARGUMENT(3),
    DEADLINE_EXCEEDED(4),
    NOT_FOUND(5),
    ALREADY_EXISTS(6),
    RESOURCE_EXHAUSTED(8),
    FAILED_PRECONDITION(9),
    ABORTED(10),
    UNIMPLEMENTED(12),
    INTERNAL(13),
    UNAVAILABLE(14),
    DATA_LOSS(15);

    private final int number;

    Status(int number) {
      this.number = number;
    }

    /** The number on the wire. */
    public int number() {
      return number;
    }
  }

  private final Status status;
  private final boolean retryable;
  private final String advice;

  ErrorCode(Status status, boolean retryable, String advice) {
    this.status = status;
    this.retryable = retryable;
    this.advice = advice;
  }

  /** The status code it travels as. */
  public Status status() {
    return status;
  }

  /** Returns whether the same request may succeed later. */
  public boolean retryable() {
    return retryable;
  }

  /** Returns what the code means and what to do. */
  public String advice() {
    return advice;
  }
}
