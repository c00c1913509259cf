package dev.weir.service.session.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.TestServerContext;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.Batch;
import dev.weir.v1.Mode;
import dev.weir.v1.Phase;
import dev.weir.v1.Reading;
import dev.weir.v1.Subscription;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A feed in a reduced mode where it stops to follow its view. */
class ReducedFeedTest {
  private static final int MEMORY_RECORDS = 16;

  private final Limits limits = Limits.defaults().with(Limit.TAIL_RECORDS_MAX, MEMORY_RECORDS);
  private final TestServerContext context = new TestServerContext(limits, 1 << 20, MEMORY_RECORDS);
  private final ServedTopic topic = context.topic("t", 2);
  private boolean runnable;

  /** A record of one reading of each of so many sensors. */
  private void publish(int partition, int sensors, long value) {
    Batch.Builder batch = Batch.newBuilder();
    for (int n = 0; n < sensors; n++) {
      String name = SampleBatches.name(n, partition, 2);
      batch.addRows(Reading.newBuilder().setSensor(name).setInteger(value));
    }
    var payload = SampleBatches.named(batch.build(), 0);
    var append = new PartitionRequest.Append(null, "", 0, 0, payload, result -> {});
    assertThat(topic.partitions().get(partition).offer(append)).isTrue();
    context.world.run();
  }

  private Feed feed(Runnable wake) {
    Subscription.Builder asked =
        Subscription.newBuilder().setTopic("t").setMode(Mode.MODE_ON_CHANGE);
    asked.getSelectorBuilder().setAll(true);
    var setting = FeedSetting.of(context.context, context.loop, 1, () -> true, wake);
    return new Feed(
        setting,
        SubscriptionResolver.of(context.context, asked.build(), FeedFormat.ROWS),
        SubscriptionCredit.unlimited());
  }

  /** Everything it says until it has nothing more to say. */
  private List<FeedEvent> drain(Feed feed) {
    List<FeedEvent> said = new ArrayList<>();
    boolean moved = true;
    runnable = true;
    while (moved) {
      FeedEvent next = runnable ? feed.next() : null;
      runnable = next != null;
      if (next != null) {
        said.add(next);
      }
      moved =
          next != null || context.loop.runOne() || context.catchUp.runOne() || context.world.run();
    }
    return said;
  }

  /** What it says first. */
  private FeedEvent first(Feed feed) {
    FeedEvent said = feed.next();
    while (said == null) {
      assertThat(context.loop.runOne() || context.catchUp.runOne() || context.world.run()).isTrue();
      said = feed.next();
    }
    return said;
  }

  @Test
  void viewLostInOnePartition_isLeftOnlyBehindTheRecordThatWasBegunInTheOther() {
    Feed current = feed(() -> {});
    Feed slow = feed(() -> runnable = true);
    drain(current);
    assertThat(drain(slow)).last().isEqualTo(phase(Phase.PHASE_CAUGHT_UP, slow));
    publish(1, 3, 1);
    assertThat(first(slow)).isInstanceOf(FeedEvent.Data.class);
    assertThat(slow.cursor().position(1).rows()).isEqualTo(1);
    for (int i = 0; i < 2 * MEMORY_RECORDS; i++) {
      publish(0, 1, i);
      drain(current);
    }
    List<FeedEvent> said = drain(slow);
    int behind = said.indexOf(phase(Phase.PHASE_FELL_BEHIND, said));
    assertThat(said.subList(0, behind))
        .as("the rest of the record, as its view has it")
        .hasSize(2)
        .allMatch(one -> one instanceof FeedEvent.Data data && data.partition() == 1);
    assertThat(said).last().isEqualTo(phase(Phase.PHASE_CAUGHT_UP, slow));
    current.close();
    slow.close();
  }

  private static FeedEvent phase(Phase phase, Feed feed) {
    return new FeedEvent.PhaseChanged(phase, feed.cursor());
  }

  private static FeedEvent phase(Phase phase, List<FeedEvent> said) {
    return said.stream()
        .filter(one -> one instanceof FeedEvent.PhaseChanged changed && changed.phase() == phase)
        .findFirst()
        .orElseThrow();
  }
}
