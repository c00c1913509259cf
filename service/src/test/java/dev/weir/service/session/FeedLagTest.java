package dev.weir.service.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import dev.weir.service.config.Limits;
import dev.weir.service.core.Slice;
import dev.weir.service.core.credit.Credit;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.partition.FakeLog;
import dev.weir.service.partition.Request;
import dev.weir.service.partition.TestBatches;
import dev.weir.service.partition.Topic;
import dev.weir.v1.EndReason;
import dev.weir.v1.GapReason;
import dev.weir.v1.Overflow;
import dev.weir.v1.Selector;
import dev.weir.v1.Subscription;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A feed that ends where it lags, has no credit, and must look at the log to know its lag. */
class FeedLagTest {
  private static final int MAX_LAG_SECONDS = 60;

  private final TestDesk desk = new TestDesk(Limits.defaults(), 0);
  private final Topic topic = desk.topic("t", 1);
  private final Credit credit = new Credit(0, 0);
  private boolean runnable = true;

  private Feed feed() {
    return feed("t", Selector.newBuilder().setAll(true).build());
  }

  private Feed feed(String of, Selector selector) {
    Subscription.Builder asked =
        Subscription.newBuilder().setTopic(of).setOverflow(Overflow.OVERFLOW_END);
    asked.setSelector(selector);
    asked.getMaxLagBuilder().setTime(Duration.newBuilder().setSeconds(MAX_LAG_SECONDS));
    var setting = FeedSetting.of(desk.desk, desk.loop, 1 << 20, () -> true, () -> runnable = true);
    return new Feed(setting, Orders.of(desk.desk, asked.build(), Shape.COLUMNS), credit);
  }

  private void publish(long value) {
    publish(topic, 0, "s", value);
  }

  private void publish(Topic to, int partition, String sensor, long value) {
    var append = new Request.Append(null, "", 0, 0, TestBatches.named(sensor, value), result -> {});
    assertThat(to.partitions().get(partition).offer(append)).isTrue();
    desk.world.run();
  }

  private void moveClock(int seconds) {
    desk.world.moveClock(seconds * 1_000_000_000L);
    desk.loop.advance(seconds * 1_000_000_000L);
  }

  /** Retention takes everything but the newest record. */
  private void expire() throws IOException {
    FakeLog log = desk.world.log(topic, 0);
    log.checkpoint(new Checkpoint(log.epoch(), log.endOffset(), log.endReadings(), Slice.EMPTY));
    log.retain(new PartitionLog.Retention(Long.MAX_VALUE, 0));
  }

  private List<Emission> drain(Feed feed) {
    List<Emission> said = new ArrayList<>();
    boolean moved = true;
    while (moved) {
      Emission next = runnable ? feed.next() : null;
      runnable = next != null;
      if (next != null) {
        said.add(next);
      }
      moved = next != null || desk.loop.runOne() || desk.catchUp.runOne() || desk.world.run();
    }
    return said;
  }

  @Test
  void nextReadingOlderThanAllowed_endsTheFeed() {
    Feed feed = feed();
    drain(feed);
    publish(1);
    moveClock(MAX_LAG_SECONDS - 1);
    assertThat(drain(feed)).isEmpty();
    publish(2);
    moveClock(2);
    assertThat(drain(feed))
        .singleElement()
        .isInstanceOfSatisfying(
            Emission.Ended.class,
            ended -> assertThat(ended.reason()).isEqualTo(EndReason.END_REASON_LAGGED));
  }

  @Test
  void partitionThatIsSkipped_doesNotHideThatAnotherLags() {
    Topic two = desk.topic("two", 2);
    String name = TestBatches.name(0, 1, 2);
    Feed feed = feed("two", Selector.newBuilder().addNames(name).build());
    drain(feed);
    publish(two, 1, name, 1);
    List<Emission> said = new ArrayList<>();
    for (int second = 0; second < MAX_LAG_SECONDS + 3; second++) {
      publish(two, 0, TestBatches.name(0, 0, 2), second);
      moveClock(1);
      said.addAll(drain(feed));
    }
    assertThat(said).singleElement().isInstanceOf(Emission.Ended.class);
  }

  @Test
  void retentionOfYoungReadings_isAGapAndNoLag() throws IOException {
    Feed feed = feed();
    drain(feed);
    publish(1);
    publish(2);
    publish(3);
    expire();
    moveClock(2);
    assertThat(drain(feed)).as("nothing left is older than allowed").isEmpty();
    credit.grant(Credit.UNLIMITED, Credit.UNLIMITED);
    runnable = true;
    List<Emission> said = drain(feed);
    said.removeIf(one -> one instanceof Emission.PhaseChanged);
    assertThat(said.get(0))
        .isInstanceOfSatisfying(
            Emission.Lost.class,
            lost -> {
              assertThat(lost.reason()).isEqualTo(GapReason.GAP_REASON_RETENTION);
              assertThat(lost.readings()).isEqualTo(2);
            });
    assertThat(said.get(1)).isInstanceOf(Emission.Data.class);
    feed.close();
  }

  @Test
  void feedThatMovesOnWhileItsLagIsLookedUp_goesOn() {
    credit.grant(Credit.UNLIMITED, Credit.UNLIMITED);
    Feed feed = feed();
    drain(feed);
    publish(1);
    assertThat(feed.next()).isInstanceOf(Emission.PhaseChanged.class);
    assertThat(feed.next()).as("it fetches").isNull();
    assertThat(desk.catchUp.runOne()).isTrue();
    assertThat(desk.loop.runOne()).as("what it fetched waits for the peer").isTrue();
    moveClock(MAX_LAG_SECONDS + 1);
    while (desk.catchUp.size() == 0) {
      assertThat(desk.loop.runOne()).as("its lag is looked up").isTrue();
    }
    assertThat(feed.next()).as("the peer reads on").isInstanceOf(Emission.Data.class);
    runnable = true;
    assertThat(drain(feed)).noneMatch(one -> one instanceof Emission.Ended);
    publish(2);
    assertThat(drain(feed)).anyMatch(one -> one instanceof Emission.Data);
    feed.close();
  }

  @Test
  void retentionWhereWhatIsLeftIsTooOld_endsTheFeed() throws IOException {
    Feed feed = feed();
    drain(feed);
    publish(1);
    publish(2);
    expire();
    moveClock(MAX_LAG_SECONDS + 1);
    assertThat(drain(feed)).singleElement().isInstanceOf(Emission.Ended.class);
  }
}
