package dev.weir.client.internal;

import io.grpc.Channel;

/** The connections of one client. Thread-safe. Connects when first used. */
public interface Channels extends AutoCloseable {
  /** For streaming calls, which this client retries itself. */
  Channel streams();

  /** For unary calls, with the deadlines and retries of the service config. */
  Channel unary();

  /** Makes the next streaming call try to connect at once. */
  void connectNow();

  /** Cancels what is under way. Idempotent. */
  @Override
  void close();
}
