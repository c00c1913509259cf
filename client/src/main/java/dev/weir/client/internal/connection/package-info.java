/**
 * Connections: one live streaming call over bytes, the servers to choose from, when to try again,
 * and when to leave. Owned by the loop thread.
 *
 * <p>Depends on gRPC, Netty, protobuf and {@code internal.threads}.
 */
package dev.weir.client.internal.connection;
