package dev.weir.it.contract.harness;

import com.google.protobuf.Duration;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.config.ServerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Gives tests their servers: one per transport for the tests of a class that change nothing but
 * their own topic, and servers of their own for those that need faults or other limits. Owned by
 * the test's thread.
 */
public abstract class ContractTest {
  /** The retry delay in errors that may be retried, on servers with {@link #quick} limits. */
  protected static final Duration RETRY_DELAY = Duration.newBuilder().setNanos(20_000_000).build();

  private static final Map<Boolean, TestServer> SHARED = new HashMap<>();
  private static final AtomicInteger TOPICS = new AtomicInteger();

  private final List<TestServer> own = new ArrayList<>();
  private static Path root;

  @BeforeEach
  final void makeRoot() throws IOException {
    if (root == null) {
      root = Files.createTempDirectory("weir-contract");
    }
  }

  @AfterEach
  final void closeOwn() {
    own.forEach(TestServer::close);
  }

  @AfterAll
  static void closeShared() throws IOException {
    SHARED.values().forEach(TestServer::stop);
    SHARED.clear();
    try (Stream<Path> paths = Files.walk(root)) {
      paths.sorted(Comparator.reverseOrder()).forEach(ContractTest::delete);
    }
    root = null;
  }

  private static void delete(Path path) {
    try {
      Files.delete(path);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** Short delays where the contract gives none. */
  protected static Limits quick() {
    return Limits.defaults().with(Limit.RETRY_DELAY_MS, 20).with(Limit.SHUTDOWN_GRACE_MS, 2_000);
  }

  /** A directory that is not there yet. */
  protected static Path newDirectory() {
    return root.resolve("data-" + TOPICS.getAndIncrement());
  }

  /** A new topic on the server that tests share; nothing else may be changed there. */
  protected final TestTopic topic(TransportSetup setup) {
    TestServer shared =
        SHARED.computeIfAbsent(
            setup.netty(),
            netty ->
                TestServer.start(
                    setup,
                    ServerConfig.defaults().withDataDir(newDirectory()).withLimits(quick())));
    return shared.topic("t" + TOPICS.getAndIncrement(), setup.partitions());
  }

  /** A name that no other test uses. */
  protected static String newTopicName() {
    return "t" + TOPICS.getAndIncrement();
  }

  /** A new topic on a server of its own. */
  protected final TestTopic topicOfOwnServer(TransportSetup setup, Limits limits) {
    return topicOfOwnServer(setup, limits, setup.partitions());
  }

  /** The same with another number of partitions. */
  protected final TestTopic topicOfOwnServer(TransportSetup setup, Limits limits, int partitions) {
    return server(setup, limits).topic("t" + TOPICS.getAndIncrement(), partitions);
  }

  /** Starts a server of its own, closed after the test. */
  protected final TestServer server(TransportSetup setup, Limits limits) {
    ServerConfig config = ServerConfig.defaults().withDataDir(newDirectory());
    return server(setup, config.withLimits(limits));
  }

  /** The same with a whole configuration. */
  protected final TestServer server(TransportSetup setup, ServerConfig config) {
    TestServer started = TestServer.start(setup, config);
    own.add(started);
    return started;
  }
}
