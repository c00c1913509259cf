package dev.weir.client.internal.spool;

import dev.weir.client.WeirException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The errors of a spool that cannot go on. Stateless. */
final class SpoolErrors {
  private static final int UNKNOWN = 2;
  private static final int FAILED_PRECONDITION = 9;
  private static final int RESOURCE_EXHAUSTED = 8;
  private static final int INTERNAL = 13;
  private static final int DATA_LOSS = 15;

  private SpoolErrors() {}

  static WeirException inUse(Path directory) {
    return new WeirException(
        WeirException.SPOOL_IN_USE,
        FAILED_PRECONDITION,
        directory
            + " is the spool of a publisher that is open, here or in another process; end that one,"
            + " or use another directory and another producer id");
  }

  static WeirException ofAnother(Path directory, String topic, String producer) {
    return new WeirException(
        WeirException.SPOOL_OF_ANOTHER,
        FAILED_PRECONDITION,
        directory
            + " is the spool of producer "
            + producer
            + " of topic "
            + topic
            + "; use these, or another directory");
  }

  static WeirException unusable(Path directory, String why) {
    return new WeirException(
        WeirException.SPOOL_DAMAGED,
        DATA_LOSS,
        directory
            + " cannot be used as a spool: "
            + why
            + "; what is in it cannot be sent exactly once any more: keep a copy of it, and use"
            + " another directory and another producer id");
  }

  static WeirException damaged(Path directory, long readings) {
    return new WeirException(
        WeirException.SPOOL_DAMAGED,
        DATA_LOSS,
        readings + " readings in " + directory + " are damaged and will not be sent");
  }

  static WeirException dropped(Path directory, long readings) {
    return new WeirException(
        WeirException.SPOOL_FULL,
        RESOURCE_EXHAUSTED,
        "the spool in "
            + directory
            + " is full: its "
            + readings
            + " oldest readings made room for new ones and will not be sent");
  }

  static WeirException full(Path directory, String why) {
    return new WeirException(
        WeirException.SPOOL_FULL,
        RESOURCE_EXHAUSTED,
        "the spool in " + directory + " did not take these readings: " + why);
  }

  static WeirException failed(Path directory, Throwable cause) {
    return new WeirException(
        WeirException.SPOOL_FAILED,
        INTERNAL,
        "the spool in "
            + directory
            + " failed ("
            + cause.getMessage()
            + "); what it had accepted is sent when a publisher opens it again",
        Optional.empty(),
        Map.of(),
        List.of(),
        cause);
  }

  static WeirException outcomeUnknown(Path directory, WeirException cause) {
    return new WeirException(
        WeirException.SPOOL_OUTCOME_UNKNOWN,
        UNKNOWN,
        "the disk of the spool in "
            + directory
            + " failed while it took these readings: nobody knows whether they are in it; if they"
            + " are, the next publisher on it sends them, and SpoolStatus.readingsAccepted and"
            + " position tell ("
            + cause.getMessage()
            + ")",
        Optional.empty(),
        Map.of(),
        List.of(),
        cause);
  }

  /** Another process has opened this spool later, so that the server refuses this one. */
  static WeirException stale(Path directory, WeirException refused) {
    return new WeirException(
        refused.reason(),
        refused.code(),
        "the server knows a later process of the spool in "
            + directory
            + ": either it runs on another copy of this directory, then end this one; or this"
            + " directory was restored from an older copy, then use the newest copy, or, where"
            + " there is none, another directory and another producer id: what is in the old copy"
            + " may be stored already ("
            + refused.getMessage()
            + ")",
        refused.retryDelay(),
        refused.metadata(),
        List.of(),
        refused);
  }

  static WeirException replaced(String topic) {
    return new WeirException(
        WeirException.TOPIC_REPLACED,
        FAILED_PRECONDITION,
        "topic "
            + topic
            + " is another one than when this spool was used last: what is in the spool is not for"
            + " it; use another directory and another producer id");
  }
}
