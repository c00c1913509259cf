package dev.weir.client.internal.reconnect;

import dev.weir.client.WeirException;
import dev.weir.client.internal.link.Link;
import java.time.Duration;

/** What the loop hands to a subscriber's thread. Immutable. */
sealed interface Inbound {
  /** An encoded response of the present link. */
  final class Response implements Inbound {
    private final byte[] bytes;
    private final Link<byte[]> from;

    Response(byte[] bytes, Link<byte[]> from) {
      this.bytes = bytes;
      this.from = from;
    }

    byte[] bytes() {
      return bytes;
    }

    Link<byte[]> from() {
      return from;
    }
  }

  /** The link broke; another one is opened after a wait, behind the cursor. */
  record Broken(WeirException cause, Duration retryIn) implements Inbound {}

  /** The subscription cannot go on. */
  record Failed(WeirException cause) implements Inbound {}

  /** The user closed the subscriber, or drains it and nothing more arrives. */
  record Stopped() implements Inbound {}
}
