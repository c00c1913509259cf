package dev.weir.service.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.service.catalog.TopicInfo;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.log.PartitionId;
import dev.weir.service.partition.FakeLog;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.PartitionResult;
import dev.weir.service.partition.TestProducerSession;
import dev.weir.service.telemetry.Meters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Deletion of topics over a fake engine. */
class TopicDeletionTest {
  private final TestTopics world = new TestTopics(Limits.defaults(), 1 << 20);

  private ServedTopic create(String name, int partitions, String requestId, String label) {
    return world.topics().create(name, partitions, Map.of("l", label), requestId);
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
  void deletedTopic_isGoneWithItsLogAndItsNameIsFree() {
    ServedTopic topic = create("t", 2, "", "a");
    List<String> told = new ArrayList<>();
    topic.onDeleted(
        () -> {
          throw new IllegalStateException("on purpose");
        });
    topic.onDeleted(() -> told.add("one"));
    topic.onDeleted(() -> told.add("left")).run();
    world.topics().delete("t");
    assertThat(topic.deleted()).isTrue();
    assertThat(told).containsExactly("one");
    topic.onDeleted(() -> told.add("late"));
    assertThat(told).containsExactly("one", "late");
    assertThat(world.topics().registry().find("t")).isNull();
    var request = new PartitionRequest.AskEpoch("a", epoch -> {});
    assertThat(topic.partitions().get(0).offer(request)).isFalse();
    assertThat(world.engine.holds(topic.info().partition(1))).as("still finishing").isTrue();

    ServedTopic successor = create("t", 1, "", "b");
    world.run();
    assertThat(successor.info().logId()).isNotEqualTo(topic.info().logId());
    assertThat(world.engine.holds(topic.info().partition(0))).isFalse();
    assertThat(world.engine.holds(topic.info().partition(1))).isFalse();
    world.restart();
    assertThat(world.topics().registry().find("t").info()).isEqualTo(successor.info());
    world.topics().delete("t");
    assertThatThrownBy(() -> world.topics().delete("t")).isInstanceOf(FaultException.class);
  }

  @Test
  void meters_hearWhichTopicsAreServedAndDeleted() {
    List<String> told = new ArrayList<>();
    world.meters =
        new Meters() {
          @Override
          public void topicServed(String topic) {
            told.add("served " + topic);
          }

          @Override
          public void topicDeleted(String topic) {
            told.add("deleted " + topic);
          }
        };
    world.restart();
    create("t", 1, "", "a");
    create("t", 1, "", "a");
    world.topics().delete("t");
    create("t", 1, "", "b");
    world.restart();
    assertThat(told).containsExactly("served t", "deleted t", "served t", "served t");
  }

  /** The process ends by it; until then nothing is held for a topic that is gone. */
  @Test
  void errorWhileATopicIsDeleted_leavesNothingOfIt() {
    ServedTopic told = create("told", 1, "", "a");
    long before = world.catalogBudget().used();
    told.onDeleted(
        () -> {
          throw new StackOverflowError("on purpose");
        });
    assertThatThrownBy(() -> world.topics().delete("told")).isInstanceOf(StackOverflowError.class);
    world.run();
    assertThat(world.engine.holds(told.info().partition(0))).isFalse();
    assertThat(world.catalogBudget().used()).isLessThan(before);

    ServedTopic closed = create("closed", 2, "", "a");
    long with = world.catalogBudget().used();
    world.log(closed, 0).closeEndsIn(new StackOverflowError("on purpose"));
    world.topics().delete("closed");
    while (true) {
      try {
        if (!world.run()) {
          break;
        }
      } catch (StackOverflowError reachedTheThread) {
        assertThat(reachedTheThread).hasMessage("on purpose");
      }
    }
    assertThat(world.catalogBudget().used()).isLessThan(with);
    assertThat(world.engine.holds(closed.info().partition(1))).isFalse();
  }

  @Test
  void batchTakenBeforeADeletion_isAnswered() {
    ServedTopic topic = create("t", 1, "", "a");
    TestProducerSession publisher = new TestProducerSession(topic.partitions().get(0), "", 0);
    publisher.single(0, 0, "x", 1);
    world.topics().delete("t");
    world.run();
    assertThat(publisher.last()).isInstanceOf(PartitionResult.Stored.class);
  }

  @Test
  void killBetweenDeletionAndItsEnd_isFinishedByTheNextStart() {
    ServedTopic topic = create("t", 2, "", "a");
    world.topics().delete("t");
    assertThat(world.engine.holds(topic.info().partition(0))).isTrue();
    world.restart();
    assertThat(world.topics().registry().find("t")).isNull();
    assertThat(world.engine.holds(topic.info().partition(0))).isFalse();
    assertThat(world.engine.holds(topic.info().partition(1))).isFalse();
  }

  @Test
  void logThatCannotBeDeleted_isTriedAgainByTheNextStart() {
    ServedTopic topic = create("t", 1, "", "a");
    world.engine.failDelete();
    world.topics().delete("t");
    world.run();
    assertThat(world.engine.holds(topic.info().partition(0))).isTrue();
    world.stop();
    world.engine.failDelete();
    world.restart();
    assertThat(world.engine.holds(topic.info().partition(0))).isTrue();
    world.restart();
    assertThat(world.engine.holds(topic.info().partition(0))).isFalse();
    long events = world.systemLog().endOffset();
    world.restart();
    assertThat(world.systemLog().endOffset()).as("nothing left to do").isEqualTo(events);
  }

  @Test
  void deletionThatIsNotStored_changesNothing() {
    ServedTopic topic = create("t", 1, "", "a");
    world.systemLog().end(FakeLog.End.NOT_STORED);
    assertThatThrownBy(() -> world.topics().delete("t")).isInstanceOf(FaultException.class);
    assertThat(topic.deleted()).isFalse();
    publish(topic, 1);
  }

  @Test
  void topicThatCouldNotBeOpened_canBeDeleted() {
    TopicInfo made = create("a", 2, "", "x").info();
    PartitionId id = made.partition(0);
    world.engine.failClaim(made.partition(1));
    world.restart();
    assertThat(world.topics().registry().find("a")).isNull();
    assertThat(world.engine.holds(id)).isTrue();
    world.topics().delete("a");
    world.run();
    assertThat(world.engine.holds(id)).isFalse();
    world.restart();
    assertThat(world.topics().registry().find("a")).isNull();
  }
}
