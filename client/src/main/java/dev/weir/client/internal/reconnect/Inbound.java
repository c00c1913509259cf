package dev.weir.client.internal.reconnect;

import dev.weir.client.WeirException;
import dev.weir.client.internal.link.Link;
import java.time.Duration;

/** What the loop hands to a subscriber's thread. Immutable. */
sealed interface Inbound {
  /** An encoded response of the present link. */
  record Response(byte[] bytes, Link<byte[]> from) implements Inbound {}

  /** The link broke; another one is opened after a wait, behind the cursor. */
  record Broken(WeirException cause, Duration retryIn) implements Inbound {}

  /** The subscription cannot go on. */
  record Failed(WeirException cause) implements Inbound {}

  /** The user closed the subscriber. */
  record Stopped() implements Inbound {}
}
