package dev.weir.it.contract.harness;

import dev.weir.service.app.WeirServer;
import dev.weir.service.config.Limits;
import dev.weir.service.config.ServerConfig;
import dev.weir.v1.CatalogServiceGrpc;
import dev.weir.v1.CreateTopicRequest;
import dev.weir.v1.Topic;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server on a directory of its own, which can be stopped, killed and started again. Owned by the
 * test's thread.
 */
public final class TestServer implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(TestServer.class);

  /** Small, so that a client that does not read is soon seen by the server. */
  private static final int STREAM_WINDOW_BYTES = 64 << 10;

  private static final AtomicInteger NAMES = new AtomicInteger();

  private final boolean netty;
  private final List<ManagedChannel> channels = new ArrayList<>();
  private ServerConfig config;
  private FaultyFiles files;
  private WeirServer server;
  private ManagedChannel channel;
  private String inProcessName;

  private TestServer(boolean netty, ServerConfig config) {
    this.netty = netty;
    this.config = config;
  }

  /** Starts a server on a free port in place of the configured one, or in-process. */
  public static TestServer start(TransportSetup setup, ServerConfig config) {
    TestServer started = new TestServer(setup.netty(), config.withPort(0));
    started.start();
    return started;
  }

  private void start() {
    closeChannels();
    files = new FaultyFiles();
    try {
      if (netty) {
        server = WeirServer.start(config, files);
      } else {
        inProcessName = "contract-" + NAMES.getAndIncrement();
        server =
            WeirServer.start(
                config, files, InProcessServerBuilder.forName(inProcessName).directExecutor());
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    channel = newChannel();
  }

  /** The disk of the present start. */
  public FaultyFiles files() {
    return files;
  }

  /** The connection that probes share. */
  public ManagedChannel channel() {
    return channel;
  }

  /** One more connection. */
  public ManagedChannel newChannel() {
    ManagedChannel made =
        netty
            ? NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                .flowControlWindow(STREAM_WINDOW_BYTES)
                .usePlaintext()
                .build()
            : InProcessChannelBuilder.forName(inProcessName).build();
    channels.add(made);
    return made;
  }

  /** The port it listens on. */
  public int port() {
    return server.port();
  }

  /** Returns the data directory. */
  public Path dataDir() {
    return config.dataDir();
  }

  /** The limits in force. */
  public Limits limits() {
    return config.limits();
  }

  /** Creates a topic. */
  public TestTopic topic(String name, int partitions) {
    return topic(Topic.newBuilder().setName(name).setPartitionCount(partitions));
  }

  /** Creates a topic with settings. */
  public TestTopic topic(Topic.Builder topic) {
    catalog().createTopic(CreateTopicRequest.newBuilder().setTopic(topic).build());
    return new TestTopic(this, topic.getName(), Math.max(1, topic.getPartitionCount()));
  }

  /** The catalogue. */
  public CatalogServiceGrpc.CatalogServiceBlockingStub catalog() {
    return CatalogServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(TestTopic.DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  /** Stops in order: what was taken is stored, checkpoints are written. */
  public void stop() {
    closeChannels();
    stopWithOpenCalls();
  }

  /** The same while clients are connected. */
  public void stopWithOpenCalls() {
    try {
      server.close();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** Asks the sessions to leave; completes when they have, or had the time for it. */
  public CompletableFuture<Void> drain() {
    return CompletableFuture.runAsync(
        () -> {
          try {
            server.drain();
          } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
          }
        });
  }

  /** Dies without a word: what was not written is gone, and nobody is answered any more. */
  public void kill() {
    files.die();
    closeChannels();
    try {
      server.close();
    } catch (IOException | CompletionException expected) {
      logger.debug("what is left of a killed server", expected);
    }
  }

  /** The machine dies: what was not synced is gone too. */
  public void losePower() {
    kill();
    try {
      files.losePageCache();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** Starts again on the same directory, after {@link #stop()} or {@link #kill()}. */
  public void startAgain() {
    start();
  }

  /** The same with other limits. */
  public void startAgain(Limits limits) {
    config = config.withLimits(limits);
    start();
  }

  private void closeChannels() {
    channels.forEach(ManagedChannel::shutdownNow);
    channels.clear();
  }

  @Override
  public void close() {
    kill();
  }
}
