package dev.weir.service.session.feed;

import dev.weir.v1.StallReason;

/** What operators are told about a subscription that is not moving. Stateless. */
final class StallAdvice {
  private StallAdvice() {}

  /** What to look at or to do; empty where it is moving. */
  static String of(StallReason stall) {
    return switch (stall) {
      case STALL_REASON_NO_CREDIT ->
          "its credit is used up: the client must grant more, or is still busy with what it has";
      case STALL_REASON_PEER_NOT_READING ->
          "what was sent is still unread: look at the client and the network to it";
      case STALL_REASON_FILTER_MATCHES_NOTHING ->
          "it is at the end of the log, but no sensor of the topic matches its selector, or no"
              + " reading since it began its event times: check both";
      case STALL_REASON_CAUGHT_UP ->
          "everything stored that it asks for was delivered: nothing new is published";
      case STALL_REASON_CATCHING_UP -> "it waits for a read of the log: look at the disk";
      case STALL_REASON_PAUSED_BY_QUOTA ->
          "its client is delivered as much as it may be (client_delivered_bytes_per_second): raise"
              + " the quota, or let it ask for less";
      default -> "";
    };
  }
}
