package dev.weir.client.internal;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.util.concurrent.TimeUnit;

/**
 * Plaintext connections over Netty. Immutable, thread-safe.
 *
 * <p>Streams have a channel of their own without the library's retries, so that a unary call never
 * waits behind bulk data and nobody but the sessions repeats a stream.
 */
final class NettyChannels implements Channels {
  private static final int KEEPALIVE_SECONDS = 30;
  private static final int KEEPALIVE_TIMEOUT_SECONDS = 10;
  private static final int CLOSE_SECONDS = 1;
  private static final int MESSAGE_BYTES_MAX = 8 * 1024 * 1024;

  private final ManagedChannel streams;
  private final ManagedChannel unary;

  NettyChannels(String target, Runtime runtime) {
    this.streams = builder(target, runtime).disableRetry().directExecutor().build();
    this.unary =
        builder(target, runtime)
            .defaultServiceConfig(ServiceConfig.load())
            .executor(runtime.resolver())
            .build();
  }

  private static NettyChannelBuilder builder(String target, Runtime runtime) {
    return NettyChannelBuilder.forTarget(target)
        .usePlaintext()
        .eventLoopGroup(runtime.group())
        .channelType(runtime.channelType())
        .offloadExecutor(runtime.resolver())
        .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .maxInboundMessageSize(MESSAGE_BYTES_MAX);
  }

  @Override
  public Channel streams() {
    return streams;
  }

  @Override
  public Channel unary() {
    return unary;
  }

  @Override
  public void connectNow() {
    // Our own back-off decides when to try; the channel's would make the tries fail unmade.
    streams.resetConnectBackoff();
  }

  @Override
  public void close() {
    streams.shutdownNow();
    unary.shutdownNow();
    try {
      // Their threads are stopped next; they should not find the loop gone.
      streams.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
      unary.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
