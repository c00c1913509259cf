package dev.weir.client.internal;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;

/** The connections to a server in this process, by its name; it need not be there. Thread-safe. */
public final class InProcessChannels implements Channels {
  private final String name;
  private final Executor threads;
  private ManagedChannel channel; // null until it is first used

  private InProcessChannels(String name, Executor threads) {
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
  public static Servers servers(Loop loop, String... names) {
    return servers(loop, Runnable::run, names);
  }

  /** The same whose channels have these threads. */
  public static Servers servers(Loop loop, Executor threads, String... names) {
    return Servers.of(
        List.of(names),
        new SplittableRandom(1),
        loop,
        name -> new InProcessChannels(name, threads));
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
