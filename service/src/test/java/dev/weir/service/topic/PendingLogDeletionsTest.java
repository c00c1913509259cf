package dev.weir.service.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.service.catalog.TopicInfo;
import dev.weir.service.config.Limits;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The end of the logs of deleted topics. */
@Timeout(60)
class PendingLogDeletionsTest {
  private final TestTopics world = new TestTopics(Limits.defaults(), 1 << 20);

  private TopicInfo topicThatCannotBeOpened() {
    TopicInfo info = world.topic("t", 2).info();
    world.engine.failClaim(info.partition(1));
    world.restart();
    assertThat(world.topics().registry().find("t")).isNull();
    return info;
  }

  @Test
  void logOfATopicThatIsNotOpen_isGoneWhenTheStopHasEnded() throws Exception {
    TopicInfo info = topicThatCannotBeOpened();
    world.topics().delete("t");
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
    while (stops.getState() != Thread.State.WAITING && stops.isAlive()) {
      Thread.onSpinWait();
    }
    assertThat(stopped).as("the deletion waits for a background thread").isNotDone();
    assertThat(world.engine.holds(info.partition(0))).isTrue();
    world.run();
    stopped.get(10, TimeUnit.SECONDS);
    assertThat(world.engine.holds(info.partition(0))).isFalse();
    assertThat(world.engine.holds(info.partition(1))).isFalse();
  }

  @Test
  void deletionThatAKillCutsShort_isEndedByTheNextStart() {
    TopicInfo info = topicThatCannotBeOpened();
    world.topics().delete("t");
    world.restart();
    assertThat(world.engine.holds(info.partition(0))).isFalse();
    assertThat(world.engine.holds(info.partition(1))).isFalse();
    assertThat(world.topics().registry().page("", 10)).isEmpty();
  }

  @Test
  void errorWhileALogIsDeleted_reachesTheThread() {
    world.topic("t", 1);
    world.topics().delete("t");
    world.engine.deleteEndsIn(new StackOverflowError("on purpose"));
    assertThatThrownBy(world::run).isInstanceOf(StackOverflowError.class);
  }
}
