package dev.weir.client.internal.connection;

import dev.weir.client.internal.threads.ClientLoop;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;

/** The connections to a server in this process, by its name; it need not be there. Thread-safe. */
public final class InProcessServerChannels implements ServerChannels {
  private final String name;
  private final Executor threads;
  private ManagedChannel channel; // null until it is first used

  private InProcessServerChannels(String name, Executor threads) {
    this.name = name;
    this.threads = threads;
  }

  private synchronized ManagedChannel channel() {
    if (channel == null) {
      channel = InProcessChannelBuilder.forName(name).executor(threads).build();
    }
    return channel;
  }

  /** The servers of these names. */
  public static ServerSelector servers(ClientLoop loop, String... names) {
    return servers(loop, Runnable::run, names);
  }

  /** The same whose channels have these threads. */
  public static ServerSelector servers(ClientLoop loop, Executor threads, String... names) {
    return ServerSelector.of(
        List.of(names),
        new SplittableRandom(1),
        loop,
        name -> new InProcessServerChannels(name, threads));
  }

  @Override
  public String address() {
    return name;
  }

  @Override
  public Channel streams() {
    return channel();
  }

  @Override
  public Channel unary() {
    return channel();
  }

  @Override
  public synchronized void rest() {
    if (channel != null) {
      channel.enterIdle();
    }
  }

  @Override
  public synchronized void shutDown() {
    if (channel != null) {
      channel.shutdownNow();
    }
  }

  @Override
  public void close() {
    shutDown();
  }
}
