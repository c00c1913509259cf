package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.log.PartitionId;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Topics over a fake engine. */
class TopicsTest {
  private TestTopics world = new TestTopics(Limits.defaults(), 1 << 20);

  private Topic create(String name, int partitions, String requestId, String label) {
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
    Topic made = create("t", 3, "one", "a");
    assertThat(create("t", 3, "", "a")).isSameAs(made);
    assertThat(create("t", 1, "one", "b")).as("the same request").isSameAs(made);
    assertThat(refused("t", 2, "", "a")).isEqualTo(ErrorCode.TOPIC_EXISTS);
    assertThat(refused("t", 3, "two", "b")).isEqualTo(ErrorCode.TOPIC_EXISTS);
    assertThat(made.partitions()).extracting(Partition::number).containsExactly(0, 1, 2);
  }

  @Test
  void topics_surviveEveryKindOfRestart() {
    Topic b = create("b", 2, "r", "x");
    world.restart();
    create("a", 1, "", "y");
    world.stop();
    world.restart();
    world.stop();
    world.restart();
    assertThat(world.topics().page("", 10))
        .extracting(topic -> topic.info().name())
        .containsExactly("a", "b");
    assertThat(world.topics().find("b").info()).isEqualTo(b.info());
    assertThat(world.topics().page("a", 10)).hasSize(1);
    assertThat(world.topics().page("", 1)).hasSize(1);
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
    assertThat(world.topics().find("a")).isNull();
    world.systemLog().end(FakeLog.End.COMMIT);
    assertThat(create("a", 1, "", "").info().name()).isEqualTo("a");
    world.systemLog().end(FakeLog.End.UNKNOWN_LOST);
    assertThat(refused("b", 1, "", "")).isEqualTo(ErrorCode.PARTITION_UNAVAILABLE);
  }

  @Test
  void topicThatCouldNotBeOpened_isOpenedByTheNextTry() {
    Topic other = create("other", 1, "", "");
    world.engine.failClaim(new PartitionId(nextLogId(), 1));
    assertThat(refused("a", 2, "", "x")).isEqualTo(ErrorCode.STORE_FAILED);
    assertThat(world.topics().find("a")).isNull();
    long events = world.systemLog().endOffset();
    Topic opened = create("a", 2, "", "x");
    assertThat(world.systemLog().endOffset()).as("it is created once").isEqualTo(events);
    assertThat(opened.info().logId()).isNotEqualTo(other.info().logId());
    world.restart();
    assertThat(world.topics().find("a").info()).isEqualTo(opened.info());
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
    Topic a = create("a", 1, "", "");
    create("b", 1, "", "");
    world.log(a, 0).failClose();
    for (Topic topic : world.topics().all()) {
      topic.partitions().get(0).close();
    }
    world.run();
    assertThatThrownBy(() -> world.topics().close()).isInstanceOf(IOException.class);
    assertThat(world.log(world.topics().find("b"), 0).isClosed()).isTrue();
    assertThat(world.systemLog().isClosed()).isTrue();
    assertThat(world.systemLog().checkpoints()).isEqualTo(1);
  }

  @Test
  void heads_areOfEveryPartition() {
    Topic topic = create("t", 2, "", "");
    String name = TestBatches.name(0, 1, 2);
    new TestPublisher(topic.partitions().get(1), "a", 1).single(0, 1, name, 1, 2);
    world.run();
    assertThat(topic.heads().get(0).offset()).isZero();
    assertThat(topic.heads().get(1).readingsBefore()).isEqualTo(2);
    assertThat(topic.headCursor().position(1)).isEqualTo(topic.heads().get(1));
    assertThat(topic.range(1).latest()).isEqualTo(topic.heads().get(1));
    assertThat(topic.range(1).earliest().offset()).isZero();
  }
}
