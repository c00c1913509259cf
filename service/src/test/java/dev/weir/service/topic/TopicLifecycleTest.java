package dev.weir.service.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.weir.common.file.DiskFullException;
import dev.weir.common.file.TooManyFilesException;
import dev.weir.service.catalog.TopicInfo;
import dev.weir.service.catalog.TopicSettings;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.CursorResolver;
import dev.weir.service.core.cursor.ResolvedPosition;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.log.PartitionId;
import dev.weir.service.partition.FakeLog;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.PartitionResult;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.partition.TestProducerSession;
import dev.weir.v1.Durability;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Topics over a fake engine. */
class TopicLifecycleTest {
  private TestTopics world = new TestTopics(Limits.defaults(), 1 << 20);

  private ServedTopic create(String name, int partitions, String requestId, String label) {
    return world.topics().create(name, partitions, Map.of("l", label), requestId);
  }

  private ErrorCode refused(String name, int partitions, String requestId, String label) {
    return catchThrowableOfType(
            FaultException.class, () -> create(name, partitions, requestId, label))
        .fault()
        .code();
  }

  @Test
  void sameTopicAgain_isTheSame() {
    ServedTopic made = create("t", 3, "one", "a");
    assertThat(create("t", 3, "", "a")).isSameAs(made);
    assertThat(create("t", 1, "one", "b")).as("the same request").isSameAs(made);
    assertThat(refused("t", 2, "", "a")).isEqualTo(ErrorCode.TOPIC_EXISTS);
    assertThat(refused("t", 3, "two", "b")).isEqualTo(ErrorCode.TOPIC_EXISTS);
    assertThat(made.partitions()).extracting(Partition::number).containsExactly(0, 1, 2);
  }

  @Test
  void topics_surviveEveryKindOfRestart() {
    ServedTopic b = create("b", 2, "r", "x");
    world.restart();
    create("a", 1, "", "y");
    world.stop();
    world.restart();
    world.stop();
    world.restart();
    assertThat(world.topics().registry().page("", 10))
        .extracting(TopicInfo::name)
        .containsExactly("a", "b");
    assertThat(world.topics().registry().find("b").info()).isEqualTo(b.info());
    assertThat(world.topics().registry().page("a", 10)).hasSize(1);
    assertThat(world.topics().registry().page("", 1)).hasSize(1);
  }

  @Test
  void mostTopics_refuseOneMore() {
    world = new TestTopics(Limits.defaults().with(Limit.TOPICS_MAX, 1), 1 << 20);
    create("a", 1, "", "");
    assertThat(refused("b", 1, "", "")).isEqualTo(ErrorCode.LIMIT_REACHED);
    assertThat(create("a", 1, "", "")).isNotNull();
  }

  @Test
  void topicThatIsNotStored_isNotThere() {
    world.systemLog().end(FakeLog.End.NOT_STORED);
    assertThat(refused("a", 1, "", "")).isEqualTo(ErrorCode.STORE_FAILED);
    assertThat(world.topics().registry().find("a")).isNull();
    assertThat(world.engine.partitions()).containsExactly(PartitionId.SYSTEM);
    world.systemLog().end(FakeLog.End.COMMIT);
    assertThat(create("a", 1, "", "").info().name()).isEqualTo("a");
    world.systemLog().end(FakeLog.End.UNKNOWN_LOST);
    assertThat(refused("b", 1, "", "")).isEqualTo(ErrorCode.PARTITION_UNAVAILABLE);
    assertThat(world.engine.partitions()).as("it may be stored").hasSize(3);
    assertThat(refused("c", 1, "", "")).isEqualTo(ErrorCode.PARTITION_UNAVAILABLE);
    assertThat(world.engine.partitions()).as("it is not stored").hasSize(3);
  }

  @Test
  void topicWhosePartitionsCannotBeMade_isNotStored() {
    create("other", 1, "", "");
    long events = world.systemLog().endOffset();
    world.engine.failClaim(new PartitionId(nextLogId(), 1));
    assertThat(refused("a", 2, "", "x")).isEqualTo(ErrorCode.STORE_FAILED);
    assertThat(world.systemLog().endOffset()).isEqualTo(events);
    assertThat(world.engine.partitions()).hasSize(2);
    assertThat(world.topics().registry().refusal("a").code()).isEqualTo(ErrorCode.TOPIC_NOT_FOUND);
    assertThat(create("a", 2, "", "x")).isNotNull();
  }

  @Test
  void topicThatCouldNotBeOpened_isOpenedByTheNextTry() {
    ServedTopic made = create("a", 2, "", "x");
    world.engine.failClaim(made.info().partition(1));
    world.restart();
    assertThat(world.topics().registry().find("a")).isNull();
    assertThat(world.topics().registry().refusal("a").code()).isEqualTo(ErrorCode.STORE_FAILED);
    world.engine.failClaim(made.info().partition(1));
    assertThat(refused("a", 2, "", "x")).isEqualTo(ErrorCode.STORE_FAILED);
    long events = world.systemLog().endOffset();
    ServedTopic opened = create("a", 2, "", "x");
    assertThat(world.systemLog().endOffset()).as("it is created once").isEqualTo(events);
    assertThat(opened.info()).isEqualTo(made.info());
    assertThat(world.topics().registry().allOpened()).isTrue();
    world.restart();
    assertThat(world.topics().registry().find("a").info()).isEqualTo(opened.info());
  }

  @Test
  void topicThatHadNoRoom_isOpenedOnceThereIsSome() {
    ServedTopic made = create("a", 2, "", "x");
    PartitionId second = made.info().partition(1);
    world.engine.failClaim(second, new DiskFullException("full on purpose", null));
    world.restart();
    assertThat(world.topics().registry().refusal("a").code()).isEqualTo(ErrorCode.DISK_FULL);

    world.engine.failClaim(second, new DiskFullException("full still", null));
    world.topics().retain();
    assertThat(world.topics().registry().refusal("a").message()).contains("full still");
    world.systemLog().full(true);
    world.topics().retain();
    assertThat(world.topics().registry().find("a")).as("no room").isNull();
    world.systemLog().full(false);
    world.topics().retain();

    assertThat(world.topics().registry().find("a").info()).isEqualTo(made.info());
    assertThat(world.topics().registry().allOpened()).isTrue();
    publish(world.topics().registry().find("a"), 1);
  }

  @Test
  void topicThatFoundTooManyFilesOpen_isOpenedOnceThereAreFewer() {
    ServedTopic made = create("a", 2, "", "x");
    PartitionId second = made.info().partition(1);
    world.engine.failClaim(second, new TooManyFilesException("raise open_files_max", null));
    world.restart();
    Fault why = world.topics().registry().refusal("a");
    assertThat(why.code()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(why.message()).contains("raise open_files_max", "opened when there are files left");

    world.engine.failClaim(second, new TooManyFilesException("still too many", null));
    world.topics().retain();
    assertThat(world.topics().registry().refusal("a").message()).contains("still too many");
    world.topics().retain();
    assertThat(world.topics().registry().find("a").info()).isEqualTo(made.info());
    publish(world.topics().registry().find("a"), 1);
  }

  @Test
  void stopOfTopics_someOfWhichWaitForRoom_doesNotWaitForTheOneWhoOpensThem() throws Exception {
    ServedTopic made = create("a", 1, "", "x");
    create("b", 1, "", "x");
    world.engine.failClaim(made.info().partition(0), new DiskFullException("full", null));
    world.restart();
    CompletableFuture<Void> stopped = new CompletableFuture<>();
    Thread stops =
        new Thread(
            () -> {
              try {
                world.topics().close();
                stopped.complete(null);
              } catch (IOException failed) {
                stopped.completeExceptionally(failed);
              }
            });
    stops.setDaemon(true);
    stops.start();
    while (stops.getState() != Thread.State.WAITING) { // for this thread, which is the background
      Thread.onSpinWait();
    }
    assertTimeoutPreemptively(Duration.ofSeconds(10), () -> world.topics().retain());
    world.run();
    stopped.get(10, TimeUnit.SECONDS);
    assertThat(world.topics().registry().find("a")).isNull();
  }

  @Test
  void topicThatCannotBeOpened_forAnotherReason_isLeftToPeople() {
    TopicInfo made = create("a", 1, "", "x").info();
    world.engine.failClaim(made.partition(0));
    world.restart();
    world.topics().retain();
    assertThat(world.topics().registry().find("a")).isNull();
  }

  @Test
  void topicWhosePartitionIsGone_isLost_andNotMadeAnew() throws IOException {
    ServedTopic made = create("a", 2, "", "x");
    create("other", 1, "", "");
    world.stop();
    world.engine.delete(made.info().partition(1));
    world.restart();
    assertThat(world.topics().registry().find("other")).isNotNull();
    assertThat(world.topics().registry().refusal("a").code()).isEqualTo(ErrorCode.DATA_LOSS);
    assertThat(refused("a", 2, "", "x")).isEqualTo(ErrorCode.DATA_LOSS);
    assertThat(world.engine.holds(made.info().partition(1))).isFalse();
  }

  /** The log id that the next topic gets: the fixed seed says so. */
  private String nextLogId() {
    TestTopics twin = new TestTopics(Limits.defaults(), 1 << 20);
    twin.topic("other", 1);
    return twin.topic("a", 2).info().partition(0).log();
  }

  @Test
  void closedTopics_createNothing() {
    world.stop();
    assertThat(refused("a", 1, "", "")).isEqualTo(ErrorCode.SHUTTING_DOWN);
  }

  @Test
  void partitionThatDoesNotCloseWell_doesNotKeepTheOthers() {
    ServedTopic a = create("a", 1, "", "");
    create("b", 1, "", "");
    world.log(a, 0).failClose();
    for (ServedTopic topic : world.topics().registry().all()) {
      topic.partitions().get(0).close();
    }
    world.run();
    assertThatThrownBy(() -> world.topics().close()).isInstanceOf(IOException.class);
    assertThat(world.log(world.topics().registry().find("b"), 0).isClosed()).isTrue();
    assertThat(world.systemLog().isClosed()).isTrue();
    assertThat(world.systemLog().checkpoints()).isEqualTo(1);
  }

  @Test
  void heads_areOfEveryPartition() {
    ServedTopic topic = create("t", 2, "", "");
    String name = SampleBatches.name(0, 1, 2);
    new TestProducerSession(topic.partitions().get(1), "a", 1).single(0, 1, name, 1, 2);
    world.run();
    assertThat(topic.heads().get(0).offset()).isZero();
    assertThat(topic.heads().get(1).readingsBefore()).isEqualTo(2);
    assertThat(topic.headCursor().position(1)).isEqualTo(topic.heads().get(1));
    assertThat(topic.range(1).latest()).isEqualTo(topic.heads().get(1));
    assertThat(topic.range(1).earliest().offset()).isZero();
  }

  private static TopicSettings memory(long maxBytes) {
    return new TopicSettings(1, Durability.DURABILITY_MEMORY, 0, maxBytes, Map.of());
  }

  private void publish(ServedTopic topic, int batches) {
    TestProducerSession publisher = new TestProducerSession(topic.partitions().get(0), "", 0);
    for (int i = 1; i <= batches; i++) {
      publisher.single(0, 0, "x", i);
      world.run();
      assertThat(publisher.last()).isInstanceOf(PartitionResult.Stored.class);
    }
  }

  @Test
  void defaultWrittenOut_isTheSameTopic() {
    TopicSettings byDefault = TopicSettings.synced(1, Map.of());
    ServedTopic made = world.topics().create("t", byDefault, "");
    long bytesMax = world.topics().bytesMax(byDefault);
    assertThat(bytesMax).isEqualTo(Limits.defaults().get(Limit.RETENTION_BYTES));
    assertThat(world.topics().create("t", byDefault.withMaxBytes(bytesMax), "")).isSameAs(made);
    for (TopicSettings other : List.of(byDefault.withMaxBytes(1), byDefault.withMaxAgeNanos(1))) {
      assertThatThrownBy(() -> world.topics().create("t", other, ""))
          .isInstanceOf(FaultException.class);
    }
    assertThatThrownBy(() -> world.topics().create("t", memory(0), ""))
        .isInstanceOf(FaultException.class);
  }

  @Test
  void updatedTopic_isTheSameTopicAndSurvives() {
    ServedTopic made = create("t", 1, "", "a");
    world.moveClock(5);
    ServedTopic updated =
        world.topics().update("t", settings -> settings.withLabels(Map.of()).withMaxAgeNanos(9));
    assertThat(updated).isSameAs(made);
    assertThat(made.info().labels()).isEmpty();
    assertThat(made.info().settings().maxAgeNanos()).isEqualTo(9);
    assertThat(made.info().updateTimeNanos()).isEqualTo(world.nowNanos());
    long events = world.systemLog().endOffset();
    world.topics().update("t", settings -> settings);
    assertThat(world.systemLog().endOffset()).as("nothing changed").isEqualTo(events);
    world.restart();
    assertThat(world.topics().registry().find("t").info()).isEqualTo(made.info());
    assertThatThrownBy(() -> world.topics().update("none", settings -> settings))
        .isInstanceOf(FaultException.class);
  }

  @Test
  void updateThatIsNotStored_changesNothing() {
    ServedTopic made = create("t", 1, "", "a");
    world.systemLog().end(FakeLog.End.NOT_STORED);
    assertThatThrownBy(() -> world.topics().update("t", settings -> settings.withMaxBytes(7)))
        .isInstanceOf(FaultException.class);
    assertThat(made.info().settings().maxBytes()).isZero();
  }

  @Test
  void memoryTopic_beginsAgainAtEveryStart() {
    ServedTopic topic = world.topics().create("m", memory(0), "");
    publish(topic, 3);
    assertThat(topic.range(0).memory()).isTrue();
    assertThat(topic.range(0).endOffset()).isEqualTo(3);
    assertThat(topic.sensors().byName("x")).isNotNull();
    Cursor before = topic.headCursor();
    world.stop();
    world.restart();
    ServedTopic again = world.topics().registry().find("m");
    assertThat(again.info()).isEqualTo(topic.info());
    assertThat(again.sensors().byName("x")).isNull();
    assertThat(again.range(0).endOffset()).isZero();
    assertThat(CursorResolver.resolve(before.position(0), again.range(0)))
        .isInstanceOf(ResolvedPosition.Expired.class);
    publish(again, 1);
    world.topics().delete("m");
    world.run();
    world.restart();
    assertThat(world.topics().registry().find("m")).isNull();
  }

  @Test
  void memoryTopic_holdsItsBytesAtEveryAppend() {
    ServedTopic topic = world.topics().create("m", memory(2_000), "");
    publish(topic, 20);
    assertThat(topic.partitions().get(0).log().bytes()).isBetween(1_000L, 2_400L);
    assertThat(topic.range(0).startOffset()).isPositive();
    world.topics().update("m", settings -> settings.withMaxBytes(1));
    world.run();
    assertThat(topic.range(0).startOffset()).as("at once").isEqualTo(19);
  }

  @Test
  void retention_deletesByAgeAndAsksForTheCheckpointItNeeds() {
    ServedTopic topic = create("t", 1, "", "a");
    publish(topic, 10);
    world.moveClock(100);
    publish(topic, 1);
    world.topics().retain();
    world.run();
    assertThat(topic.range(0).startOffset()).as("nothing is too old or too much").isZero();
    world.topics().update("t", settings -> settings.withMaxAgeNanos(50));
    world.run();
    assertThat(world.log(topic, 0).checkpoints()).as("asked for").isPositive();
    world.topics().retain();
    assertThat(topic.range(0).startOffset()).isEqualTo(10);
    assertThat(topic.range(0).startReadings()).isEqualTo(10);
  }

  @Test
  void checkpointThatDoesNotHelp_isAskedForOnlyNowAndThen() {
    ServedTopic topic = create("t", 1, "", "a");
    publish(topic, 2);
    world.moveClock(100);
    world.topics().update("t", settings -> settings.withMaxAgeNanos(50));
    world.log(topic, 0).refuseToRetain();
    for (int i = 0; i < 25; i++) {
      world.topics().retain();
      world.run();
    }
    assertThat(world.log(topic, 0).checkpoints()).as("retention needs two").isEqualTo(2);
    for (int i = 0; i < 10; i++) {
      world.topics().retain();
      world.run();
    }
    assertThat(world.log(topic, 0).checkpoints()).as("it may have failed").isEqualTo(3);
    publish(topic, 1);
    world.topics().retain();
    world.run();
    assertThat(world.log(topic, 0).checkpoints()).as("there is more to fold").isEqualTo(4);
  }
}
