package dev.weir.client.internal.connection;

import dev.weir.client.internal.threads.ClientThreads;
import dev.weir.client.internal.unary.UnaryRetry;
import io.grpc.Channel;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import java.util.concurrent.TimeUnit;

/**
 * Plaintext connections over Netty to one server. Immutable, thread-safe.
 *
 * <p>Streams have a channel of their own, so that a unary call never waits for bulk data. The
 * library repeats nothing: sessions and {@link UnaryRetry} do, at whichever server answers.
 */
public final class NettyServerChannels implements ServerChannels {
  private static final int CONNECT_MILLIS_MAX = 3_000;
  private static final int KEEPALIVE_SECONDS = 30;
  private static final int KEEPALIVE_TIMEOUT_SECONDS = 10;
  private static final int CLOSE_SECONDS = 1;
  private static final int MESSAGE_BYTES_MAX = 8 * 1024 * 1024;

  private final String target;
  private final ManagedChannel streams;
  private final ManagedChannel unary;

  public NettyServerChannels(String target, ClientThreads runtime) {
    this.target = target;
    this.streams = builder(target, runtime).directExecutor().build();
    this.unary = builder(target, runtime).executor(runtime.resolver()).build();
  }

  private static NettyChannelBuilder builder(String target, ClientThreads runtime) {
    return NettyChannelBuilder.forTarget(target)
        .usePlaintext()
        .disableRetry()
        .eventLoopGroup(runtime.group())
        .channelType(runtime.channelType())
        .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS_MAX)
        .offloadExecutor(runtime.resolver())
        .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .maxInboundMessageSize(MESSAGE_BYTES_MAX);
  }

  @Override
  public String address() {
    return target;
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
  public void rest() {
    rest(streams);
    rest(unary);
  }

  private static void rest(ManagedChannel channel) {
    // Our own back-off decides when to try. The channel's would make our tries fail unmade, and
    // would make tries of its own, which no budget counts.
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      channel.enterIdle();
    }
  }

  @Override
  public void shutDown() {
    streams.shutdownNow();
    unary.shutdownNow();
  }

  @Override
  public void close() {
    shutDown();
    try {
      // Their threads are stopped next; they should not find the loop gone.
      streams.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
      unary.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
