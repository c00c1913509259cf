package dev.weir.service.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.common.file.NioDataFiles;
import dev.weir.common.file.TooManyFilesException;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.log.DataLossException;
import dev.weir.service.log.Flaw;
import dev.weir.service.log.segment.SegmentEngine;
import dev.weir.service.log.segment.file.SegmentEvent;
import dev.weir.service.log.segment.file.SegmentOptions;
import dev.weir.service.partition.PartitionResult;
import dev.weir.service.partition.TestProducerSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Topics made on real files and deleted from them, also by processes that die on the way. */
class SegmentTopicsTest {
  @TempDir private Path dir;
  private final Random random = new Random(3);
  private final List<SegmentEvent> events = new ArrayList<>();
  private SegmentEngine engine;
  private TestTopics world;
  private int callsUntilDeath = Integer.MAX_VALUE;
  private boolean noFilesLeft;

  @BeforeEach
  void start() throws IOException {
    callsUntilDeath = Integer.MAX_VALUE;
    engine = open(dir);
    world = new TestTopics(engine, Limits.defaults(), random);
  }

  private SegmentEngine open(Path on) throws IOException {
    return SegmentEngine.open(
        on,
        mortal(),
        SegmentOptions.defaults(),
        () -> TestTopics.START_NANOS,
        random,
        Runnable::run,
        events::add);
  }

  @AfterEach
  void stop() throws IOException {
    callsUntilDeath = Integer.MAX_VALUE;
    engine.close();
  }

  /** Real files until the process dies; then every call fails. */
  private dev.weir.common.file.DataFiles mortal() {
    var real = new NioDataFiles();
    Class<?> type = dev.weir.common.file.DataFiles.class;
    return (dev.weir.common.file.DataFiles)
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> call(real, method, arguments));
  }

  private Object call(NioDataFiles real, Method method, Object[] arguments) throws Throwable {
    if (callsUntilDeath-- <= 0) {
      throw new IOException("the process is dead");
    }
    if (noFilesLeft && method.getName().equals("open")) {
      throw new TooManyFilesException("open_files_max (7) is reached; raise the limit", null);
    }
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException failed) {
      throw failed.getCause();
    }
  }

  /** Gives the lock back, as the end of a process does; files are closed as they are. */
  private void closeDying() {
    try {
      engine.close();
    } catch (IOException dead) {
      assertThat(dead).hasMessageContaining("dead");
    }
  }

  private Path directory(ServedTopic topic) {
    return dir.resolve("topics").resolve(topic.info().partition(0).log());
  }

  private void publish(ServedTopic topic) {
    publish(world, topic);
  }

  private static void publish(TestTopics to, ServedTopic topic) {
    TestProducerSession publisher = new TestProducerSession(topic.partitions().get(0), "", 0);
    publisher.single(0, 0, "x", 1, 2);
    to.run();
    assertThat(publisher.last()).isInstanceOf(PartitionResult.Stored.class);
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
  void topicForWhichThereAreNoFiles_isRefusedByTheLimit_andMadeLater() throws IOException {
    noFilesLeft = true;
    assertThatThrownBy(() -> world.topic("x", 2))
        .isInstanceOf(FaultException.class)
        .hasMessageContaining("open_files_max (7)")
        .satisfies(
            refused ->
                assertThat(((FaultException) refused).fault().code())
                    .isEqualTo(ErrorCode.LIMIT_REACHED));
    noFilesLeft = false;
    assertThat(anyFile(dir.resolve("topics"))).isFalse();
    publish(world.topic("x", 2));
  }

  @Test
  void deletedTopic_leavesNoFiles() throws IOException {
    ServedTopic topic = world.topic("t", 2);
    publish(world.topic("other", 1));
    assertThat(anyFile(directory(topic))).isTrue();
    world.topics().delete("t");
    world.run();
    assertThat(directory(topic)).doesNotExist();
    world.stop();
    engine.close();
    start();
    assertThat(world.topics().registry().find("t")).isNull();
    assertThat(world.topics().registry().find("other").range(0).endReadings()).isEqualTo(2);
  }

  @Test
  void processThatDiesAnywhereInADeletion_leavesItToTheNextStart() throws IOException {
    for (int calls = 0; calls < 24; calls++) {
      ServedTopic topic = world.topic("t", 2);
      publish(world.topic("other", 1));
      world.topics().delete("t");
      callsUntilDeath = calls;
      world.run();
      closeDying();
      start();
      assertThat(world.topics().registry().find("t")).as("killed after %d calls", calls).isNull();
      assertThat(anyFile(directory(topic))).as("killed after %d calls", calls).isFalse();
    }
    assertThat(world.topics().registry().find("other").range(0).endReadings()).isEqualTo(48);
  }

  @Test
  void processThatDiesAnywhereInACreation_leavesAllOfTheTopicOrNone() throws IOException {
    publish(world.topic("other", 1));
    int made = 0;
    int not = 0;
    for (int calls = 0; calls < 40; calls++) {
      String name = "t" + calls;
      callsUntilDeath = calls;
      try {
        world.topic(name, 2);
      } catch (FaultException dead) {
        assertThat(dead.fault().code()).isNotEqualTo(ErrorCode.DATA_LOSS);
      }
      closeDying();
      assertThat(damage()).as("killed after %d calls", calls).isEmpty();
      start();
      assertThat(world.topics().registry().allOpened()).as("killed after %d calls", calls).isTrue();
      assertThat(dir.resolve("topics").toFile().list())
          .as("killed after %d calls", calls)
          .hasSize(world.topics().registry().page("", 100).size());
      boolean found = world.topics().registry().find(name) != null;
      made += found ? 1 : 0;
      not += found ? 0 : 1;
      publish(world.topic(name, 2));
    }
    assertThat(made).isPositive();
    assertThat(not).isPositive();
    assertThat(world.topics().registry().find("other").range(0).endReadings()).isEqualTo(2);
  }

  private List<Flaw> damage() throws IOException {
    return FoundDamage.in(dir, new NioDataFiles());
  }

  private void stopAndDelete(Path directory) throws IOException {
    world.stop();
    engine.close();
    delete(directory);
  }

  private static void delete(Path directory) throws IOException {
    try (var paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  @Test
  void partitionWhoseDirectoryIsGone_isRefusedAsLost_andNotMadeAnew() throws IOException {
    ServedTopic topic = world.topic("t", 2);
    publish(topic);
    publish(world.topic("other", 1));
    stopAndDelete(directory(topic).resolve("1"));
    assertThat(damage()).extracting(Flaw::kind).containsExactly(Flaw.Kind.MISSING);

    for (int starts = 0; starts < 2; starts++) {
      start();
      assertThat(world.topics().registry().find("t")).isNull();
      assertThat(world.topics().registry().refusal("t").code()).isEqualTo(ErrorCode.DATA_LOSS);
      assertThat(world.topics().registry().refusal("t").message())
          .contains(directory(topic).toString());
      assertThat(world.topics().registry().find("other").range(0).endReadings()).isEqualTo(2);
      assertThat(directory(topic).resolve("1")).doesNotExist();
      world.stop();
      engine.close();
    }

    start();
    world.topics().delete("t");
    world.run();
    assertThat(anyFile(directory(topic))).isFalse();
    publish(world.topic("t", 2));
  }

  @Test
  void partitionWhoseSegmentsAreGone_isRefusedAsLost() throws IOException {
    ServedTopic topic = world.topic("t", 1);
    publish(topic);
    stopAndDelete(directory(topic).resolve("0/00000000000000000000.log"));
    assertThat(damage()).isNotEmpty();

    start();

    assertThat(world.topics().registry().refusal("t").code()).isEqualTo(ErrorCode.DATA_LOSS);
  }

  @Test
  void partitionOfATopicThatIsNotKnown_staysAndIsTold() throws IOException {
    publish(world.topic("known", 1));
    Path older = Files.createTempDirectory(dir, "older");
    stopAndCopy(dir.resolve("system/0"), older);
    start();
    ServedTopic topic = world.topic("t", 1);
    publish(topic);
    stopAndDelete(dir.resolve("system/0"));
    copy(older, dir.resolve("system/0"));
    events.clear();

    start();

    assertThat(world.topics().registry().find("known")).isNotNull();
    assertThat(anyFile(directory(topic))).isTrue();
    assertThat(events).extracting(SegmentEvent::kind).containsExactly(SegmentEvent.Kind.LEFTOVER);
    assertThat(events.get(0).text()).contains(directory(topic).toString(), "holds records");
  }

  @Test
  void topicThatIsNotKnownForAWhile_lacksNothingThen() throws IOException {
    Path older = Files.createTempDirectory(dir, "older");
    stopAndCopy(dir.resolve("system/0"), older);
    start();
    ServedTopic topic = world.topic("t", 2);
    publish(topic); // one partition stays empty
    Path newer = Files.createTempDirectory(dir, "newer");
    stopAndCopy(dir.resolve("system/0"), newer);
    delete(dir.resolve("system/0"));
    copy(older, dir.resolve("system/0"));
    start();
    assertThat(world.topics().registry().find("t")).isNull();
    stopAndDelete(dir.resolve("system/0"));
    copy(newer, dir.resolve("system/0"));

    start();

    assertThat(world.topics().registry().allOpened()).isTrue();
    assertThat(world.topics().registry().find("t").range(0).endReadings()).isEqualTo(2);
  }

  private void stopAndCopy(Path from, Path to) throws IOException {
    world.stop();
    engine.close();
    copy(from, to);
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (var paths = Files.list(from)) {
      for (Path path : paths.toList()) {
        Files.copy(path, to.resolve(path.getFileName()));
      }
    }
  }

  @Test
  void systemPartitionWhoseDirectoryIsGone_stopsTheStart() throws IOException {
    publish(world.topic("t", 1));
    stopAndDelete(dir.resolve("system"));
    for (int starts = 0; starts < 2; starts++) {
      assertThatThrownBy(this::start)
          .hasCauseInstanceOf(DataLossException.class)
          .hasMessageContaining(dir.resolve("system").toString());
      engine.close();
    }
  }

  @Test
  void processThatDiesAnywhereInTheFirstStart_leavesADirectoryThatStarts() throws IOException {
    world.stop();
    engine.close();
    for (int calls = 0; calls < 40; calls++) {
      Path fresh = dir.resolve("fresh" + calls);
      for (int starts = 0; starts < 2; starts++) {
        callsUntilDeath = calls;
        try (SegmentEngine dying = open(fresh)) {
          new TestTopics(dying, Limits.defaults(), random);
        } catch (IOException | UncheckedIOException dead) {
          assertThat(dead).hasStackTraceContaining("dead");
        }
      }
      callsUntilDeath = Integer.MAX_VALUE;
      try (SegmentEngine next = open(fresh)) {
        TestTopics topics = new TestTopics(next, Limits.defaults(), random);
        publish(topics, topics.topic("t", 1));
      }
    }
  }

  @Test
  void leftoversThatCannotBeDeleted_orListed_keepNothingFromBeingServed() throws IOException {
    ServedTopic doomed = world.topic("t", 1);
    publish(doomed);
    publish(world.topic("other", 1));
    world.topics().delete("t");
    callsUntilDeath = 0;
    world.run();
    closeDying();
    Files.createDirectories(directory(doomed).resolve("0.deleted/nobody's/file"));
    Path noDirectory = Files.createFile(dir.resolve("topics/00000000000000ff"));

    start();

    assertThat(world.topics().registry().find("other").range(0).endReadings()).isEqualTo(2);
    assertThat(events).extracting(SegmentEvent::kind).containsOnly(SegmentEvent.Kind.LEFTOVER);
    assertThat(events.get(0).text() + events.get(1).text())
        .contains(directory(doomed).toString(), noDirectory.toString());
    Files.delete(directory(doomed).resolve("0.deleted/nobody's/file"));
    Files.delete(directory(doomed).resolve("0.deleted/nobody's"));
    Files.delete(noDirectory);
    world.stop();
    engine.close();
    events.clear();
    start();
    assertThat(events).isEmpty();
    assertThat(directory(doomed)).doesNotExist();
  }
}
