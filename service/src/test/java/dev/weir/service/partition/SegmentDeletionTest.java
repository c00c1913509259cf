package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limits;
import dev.weir.service.log.segment.RealFiles;
import dev.weir.service.log.segment.SegmentEngine;
import dev.weir.service.log.segment.SegmentOptions;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Topics deleted from real files by processes that die on the way. */
class SegmentDeletionTest {
  @TempDir private Path dir;
  private final Random random = new Random(3);
  private SegmentEngine engine;
  private TestTopics world;
  private int callsUntilDeath = Integer.MAX_VALUE;

  @BeforeEach
  void start() throws IOException {
    callsUntilDeath = Integer.MAX_VALUE;
    engine =
        SegmentEngine.open(
            dir,
            mortal(),
            SegmentOptions.defaults(),
            () -> TestTopics.START_NANOS,
            random,
            Runnable::run,
            event -> {});
    world = new TestTopics(engine, Limits.defaults());
  }

  @AfterEach
  void stop() throws IOException {
    callsUntilDeath = Integer.MAX_VALUE;
    engine.close();
  }

  /** Real files until the process dies; then every call fails. */
  private dev.weir.service.log.segment.Files mortal() {
    var real = new RealFiles();
    Class<?> type = dev.weir.service.log.segment.Files.class;
    return (dev.weir.service.log.segment.Files)
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> call(real, method, arguments));
  }

  private Object call(RealFiles real, Method method, Object[] arguments) throws Throwable {
    if (callsUntilDeath-- <= 0) {
      throw new IOException("the process is dead");
    }
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException failed) {
      throw failed.getCause();
    }
  }

  private Path directory(Topic topic) {
    return dir.resolve("topics").resolve(topic.info().partition(0).log());
  }

  private void publish(Topic topic) {
    TestPublisher publisher = new TestPublisher(topic.partitions().get(0), "", 0);
    publisher.single(0, 0, "x", 1, 2);
    world.run();
    assertThat(publisher.last()).isInstanceOf(Result.Stored.class);
  }

  private boolean anyFile(Path under) throws IOException {
    if (!Files.exists(under)) {
      return false;
    }
    try (var paths = Files.walk(under)) {
      return paths.anyMatch(Files::isRegularFile);
    }
  }

  @Test
  void deletedTopic_leavesNoFiles() throws IOException {
    Topic topic = world.topic("t", 2);
    publish(world.topic("other", 1));
    assertThat(anyFile(directory(topic))).isTrue();
    world.topics().delete("t");
    world.run();
    assertThat(anyFile(directory(topic))).isFalse();
    world.stop();
    engine.close();
    start();
    assertThat(world.topics().find("t")).isNull();
    assertThat(world.topics().find("other").range(0).endReadings()).isEqualTo(2);
  }

  @Test
  void processThatDiesAnywhereInADeletion_leavesItToTheNextStart() throws IOException {
    for (int calls = 0; calls < 24; calls++) {
      Topic topic = world.topic("t", 2);
      publish(world.topic("other", 1));
      world.topics().delete("t");
      callsUntilDeath = calls;
      world.run();
      engine.close();
      start();
      assertThat(world.topics().find("t")).as("killed after %d calls", calls).isNull();
      assertThat(anyFile(directory(topic))).as("killed after %d calls", calls).isFalse();
    }
    assertThat(world.topics().find("other").range(0).endReadings()).isEqualTo(48);
  }
}
