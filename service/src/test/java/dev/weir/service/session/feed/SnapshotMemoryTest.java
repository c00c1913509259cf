package dev.weir.service.session.feed;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.TestServerContext;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.EndReason;
import dev.weir.v1.MaxLag;
import dev.weir.v1.Mode;
import dev.weir.v1.Overflow;
import dev.weir.v1.Phase;
import dev.weir.v1.Reading;
import dev.weir.v1.Start;
import dev.weir.v1.Subscription;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Snapshots that are not read hold what the budget allows, and no more. */
class SnapshotMemoryTest {
  private static final int SENSORS = 500;
  private static final int DELIVERY_BYTES = 1 << 10;
  private static final long COPY_BYTES = 18_000;
  private static final long BUDGET_BYTES = 5 * COPY_BYTES;

  private final TestServerContext context =
      new TestServerContext(Limits.defaults().with(Limit.SNAPSHOT_BUDGET_BYTES, BUDGET_BYTES));
  private final ServedTopic topic = context.topic("t", 1);
  private final Budget budget = context.context.admission().budgets().snapshots();
  private final List<Reader> readers = new ArrayList<>();

  /** A feed and all that it said. */
  private final class Reader {
    final SubscriptionCredit credit = new SubscriptionCredit(1, SubscriptionCredit.UNLIMITED);
    final List<FeedEvent> said = new ArrayList<>();
    final Feed feed;
    boolean reads = true;

    Reader(String peer, Subscription.Builder asked) {
      FeedSpec order = SubscriptionResolver.of(context.context, asked.build(), FeedFormat.COLUMNS);
      FeedSetting setting =
          FeedSetting.of(context.context, context.loop, DELIVERY_BYTES, () -> true, () -> {})
              .heldBy(context.context.snapshots(peer));
      feed = new Feed(setting, order, credit);
      readers.add(this);
    }

    boolean step() {
      FeedEvent next = reads ? feed.next() : null;
      if (next != null) {
        said.add(next);
      }
      return next != null;
    }

    void readOn() {
      reads = true;
      credit.grant(SubscriptionCredit.UNLIMITED, SubscriptionCredit.UNLIMITED);
    }

    FeedEvent.Ended end() {
      FeedEvent last = said.get(said.size() - 1);
      return last instanceof FeedEvent.Ended ended ? ended : null;
    }

    List<Phase> phases() {
      List<Phase> phases = new ArrayList<>();
      for (FeedEvent one : said) {
        if (one instanceof FeedEvent.PhaseChanged changed) {
          phases.add(changed.phase());
        }
      }
      return phases;
    }

    /** The last value it was given of each sensor id; none was given twice in the snapshot. */
    Map<Integer, Long> values() throws InvalidProtocolBufferException {
      Map<Integer, Long> values = new HashMap<>();
      for (FeedEvent one : said) {
        if (one instanceof FeedEvent.Data data) {
          Batch batch = Batch.parseFrom(data.parts().get(1).toBytes());
          for (Columns columns : batch.getColumnsList()) {
            for (int i = 0; i < columns.getCount(); i++) {
              int sensor = columns.getSensorIds(columns.getSensorIdsCount() == 1 ? 0 : i);
              Long before = values.put(sensor, columns.getIntegers(i));
              assertThat(before == null || data.cursor() != null).isTrue();
            }
          }
        }
      }
      return values;
    }
  }

  private static Subscription.Builder all() {
    Subscription.Builder all = Subscription.newBuilder().setTopic("t");
    all.getSelectorBuilder().setAll(true);
    return all;
  }

  private void publish(long value) {
    Batch.Builder batch = Batch.newBuilder();
    for (int i = 0; i < SENSORS; i++) {
      batch.addRows(Reading.newBuilder().setSensor("s" + i).setInteger(value));
    }
    var payload = SampleBatches.named(batch.build(), 0);
    var append = new PartitionRequest.Append(null, "", 0, 0, payload, result -> {});
    assertThat(topic.partitions().get(0).offer(append)).isTrue();
    context.world.run();
  }

  private void run() {
    for (int idle = 0; idle < 2; ) { // one that says nothing may have asked for something
      boolean moved = context.loop.runOne() || context.catchUp.runOne() || context.world.run();
      for (Reader reader : List.copyOf(readers)) {
        moved |= reader.step();
      }
      idle = moved ? 0 : idle + 1;
      assertThat(budget.used()).isLessThanOrEqualTo(BUDGET_BYTES);
    }
  }

  @AfterEach
  void closedFeeds_giveEverythingBack() {
    readers.forEach(reader -> reader.feed.close());
    context.run();
    assertThat(budget.used()).isZero();
  }

  private static void assertLost(Reader reader) {
    assertThat(reader.end().reason()).isEqualTo(EndReason.END_REASON_FAILED);
    Fault why = reader.end().fault().orElseThrow();
    assertThat(why.code()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(why.retryDelay()).isPresent();
    assertThat(why.message())
        .contains("topic t", "snapshot_budget_bytes", String.valueOf(BUDGET_BYTES));
  }

  @ParameterizedTest
  @EnumSource(
      value = Mode.class,
      names = {"MODE_EVERY", "MODE_ON_CHANGE"})
  void stoppedSnapshots_holdNoMoreThanTheBudget(Mode mode) throws InvalidProtocolBufferException {
    publish(0);
    for (int i = 1; i <= 50; i++) {
      new Reader("greedy", all().setMode(mode).setSnapshot(mode == Mode.MODE_EVERY));
      run();
      publish(i);
      run();
    }
    List<Reader> lost = readers.stream().filter(reader -> reader.end() != null).toList();
    assertThat(lost).as("the oldest, and no more than must").hasSizeBetween(44, 47);
    assertThat(lost).isEqualTo(readers.subList(0, lost.size()));
    lost.forEach(SnapshotMemoryTest::assertLost);
    assertThat(budget.refusals()).isEqualTo(lost.size());
    List<Reader> left = readers.subList(lost.size(), readers.size());
    left.forEach(Reader::readOn);
    run();
    for (Reader reader : left) {
      assertThat(reader.end()).isNull();
      assertThat(reader.values()).hasSize(SENSORS).allSatisfy((id, last) -> is(last, 50));
      assertThat(reader.phases())
          .startsWith(Phase.PHASE_SNAPSHOT_BEGIN, Phase.PHASE_SNAPSHOT_END)
          .containsOnlyOnce(Phase.PHASE_SNAPSHOT_BEGIN);
    }
    assertThat(budget.used()).as("all are read").isZero();
  }

  private static void is(long found, long expected) {
    assertThat(found).isEqualTo(expected);
  }

  @Test
  void peerThatHoldsLittle_keepsItsOlderSnapshot() throws InvalidProtocolBufferException {
    publish(0);
    Reader honest = new Reader("honest", all().setSnapshot(true));
    run();
    for (int i = 1; i <= 20; i++) {
      publish(i);
      run();
      new Reader("greedy", all().setSnapshot(true));
      run();
    }
    assertThat(readers.stream().filter(reader -> reader.end() != null)).hasSizeGreaterThan(10);
    honest.readOn();
    run();
    assertThat(honest.end()).isNull();
    assertThat(honest.values()).hasSize(SENSORS).allSatisfy((id, last) -> is(last, 20));
  }

  @ParameterizedTest
  @EnumSource(
      value = Mode.class,
      names = {"MODE_EVERY", "MODE_ON_CHANGE"})
  void snapshotOfWhichNothingWasSaid_beginsAnew(Mode mode) throws InvalidProtocolBufferException {
    publish(0);
    Reader early = new Reader("early", all().setMode(mode).setSnapshot(mode == Mode.MODE_EVERY));
    early.credit.grant(SubscriptionCredit.UNLIMITED, SubscriptionCredit.UNLIMITED);
    while (!early.phases().contains(Phase.PHASE_SNAPSHOT_BEGIN)) {
      assertThat(early.step() || context.loop.runOne() || context.world.run()).isTrue();
    }
    early.reads = false; // its peer reads nothing now
    budget.take(BUDGET_BYTES); // by others
    publish(1);
    context.context.admission().snapshots().settle();
    budget.giveBack(BUDGET_BYTES);
    assertThat(budget.used()).isZero();
    early.readOn();
    run();
    assertThat(early.end()).isNull();
    assertThat(early.values()).hasSize(SENSORS).allSatisfy((id, last) -> is(last, 1));
    assertThat(early.phases())
        .startsWith(Phase.PHASE_SNAPSHOT_BEGIN, Phase.PHASE_SNAPSHOT_END)
        .containsOnlyOnce(Phase.PHASE_SNAPSHOT_BEGIN);
  }

  @Test
  void snapshotThatFindsNoRoomAgainAndAgain_ends() {
    publish(0);
    budget.take(BUDGET_BYTES);
    Reader reader = new Reader("one", all().setSnapshot(true));
    for (int idle = 0; idle < 2; ) {
      boolean moved =
          reader.step() || context.loop.runOne() || context.catchUp.runOne() || context.world.run();
      idle = moved ? 0 : idle + 1;
    }
    budget.giveBack(BUDGET_BYTES);
    assertLost(reader);
    assertThat(reader.phases()).containsExactly(Phase.PHASE_SNAPSHOT_BEGIN);
  }

  @Test
  void conflationThatIsNotReadOn_endsAtItsOldPosition() {
    publish(0);
    Reader reader =
        new Reader(
            "one",
            all()
                .setStart(Start.newBuilder().setEarliest(true))
                .setOverflow(Overflow.OVERFLOW_CONFLATE)
                .setMaxLag(MaxLag.newBuilder().setReadings(2)));
    run();
    assertThat(reader.said).anyMatch(one -> one instanceof FeedEvent.Data);
    String before = reader.feed.cursor().text();
    budget.take(BUDGET_BYTES - 1_000); // by others
    publish(1);
    budget.giveBack(BUDGET_BYTES - 1_000);
    run();
    assertLost(reader);
    assertThat(reader.end().cursor().text()).isEqualTo(before);
  }

  @Test
  void feedClosedWhileItsLastValuesAreOnTheirWay_holdsNothing() {
    publish(0);
    Reader reader = new Reader("one", all().setSnapshot(true));
    assertThat(reader.feed.next()).isNull(); // asked
    reader.feed.close();
    context.run();
    publish(1);
    assertThat(budget.used()).isZero();
  }
}
