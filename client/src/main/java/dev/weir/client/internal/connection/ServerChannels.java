package dev.weir.client.internal.connection;

import io.grpc.Channel;

/** The connections to one server. Thread-safe. Connects when first used. */
public interface ServerChannels extends AutoCloseable {
  /** The server, as the options name it. */
  String address();

  /** For streaming calls. */
  Channel streams();

  /** For unary calls. */
  Channel unary();

  /**
   * Forgets that it could not connect: no try is made until the next call, and that one makes one.
   */
  void rest();

  /** Cancels what is under way, without waiting. */
  void shutDown();

  /** Cancels what is under way. Idempotent. */
  @Override
  void close();
}
