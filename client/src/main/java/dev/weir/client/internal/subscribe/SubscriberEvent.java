package dev.weir.client.internal.subscribe;

import dev.weir.client.WeirException;
import dev.weir.client.internal.connection.StreamingCall;
import java.time.Duration;

/** An event that the loop hands to a subscriber's thread. Immutable. */
sealed interface SubscriberEvent {
  /** An encoded response of the present link. */
  final class Response implements SubscriberEvent {
    private final byte[] bytes;
    private final StreamingCall<byte[]> from;

    Response(byte[] bytes, StreamingCall<byte[]> from) {
      this.bytes = bytes;
      this.from = from;
    }

    byte[] bytes() {
      return bytes;
    }

    StreamingCall<byte[]> from() {
      return from;
    }
  }

  /** The link broke; after a wait another one is opened, which continues after the cursor. */
  record Broken(WeirException cause, Duration retryIn) implements SubscriberEvent {}

  /** The subscription cannot continue. */
  record Failed(WeirException cause) implements SubscriberEvent {}

  /** The user closed the subscriber, or drains it and nothing more arrives. */
  record Stopped() implements SubscriberEvent {}
}
