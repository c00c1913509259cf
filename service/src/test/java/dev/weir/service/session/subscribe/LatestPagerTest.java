package dev.weir.service.session.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.budget.RevocableBudget;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.fair.Caller;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.latest.ExpectedReading;
import dev.weir.service.partition.ManualExecutor;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.partition.TestLoop;
import dev.weir.service.session.ControlPool;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.topic.TestTopics;
import dev.weir.service.wire.names.Partitioner;
import dev.weir.v1.Batch;
import dev.weir.v1.GetLatestRequest;
import dev.weir.v1.GetLatestResponse;
import dev.weir.v1.Reading;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

class LatestPagerTest {
  private static final int PARTITIONS = 3;

  private final ManualExecutor control = new ManualExecutor();
  private final TestLoop loop = new TestLoop();
  private final Budget budget = new Budget("snapshot_budget_bytes", 2_000);
  private final RevocableBudget snapshots = new RevocableBudget(budget);
  private Limits limits = Limits.defaults().with(Limit.LATEST_VALUE_BYTES_MAX, 1 << 10);
  private TestTopics world = new TestTopics(limits, 1 << 24);
  private ServedTopic topic = world.topic("t", PARTITIONS);

  private void store(Reading... readings) {
    for (Reading reading : readings) {
      int partition = Partitioner.partition(reading.getSensor(), PARTITIONS);
      var payload =
          SampleBatches.named(Batch.newBuilder().addRows(reading).build(), ExpectedReading.NOW);
      var append = new PartitionRequest.Append(null, "", 0, 0, payload, result -> {});
      assertThat(topic.partitions().get(partition).offer(append)).isTrue();
    }
    world.run();
  }

  private static Reading number(String sensor, double value) {
    return Reading.newBuilder().setSensor(sensor).setDouble(value).build();
  }

  private CompletableFuture<GetLatestResponse> ask(GetLatestRequest request, IntPredicate ids) {
    ControlPool pool = new ControlPool(control, Duration.ofMillis(5));
    LatestPager pages = new LatestPager(limits, pool, snapshots, loop::schedule);
    return pages.page(Caller.of("test"), topic, pages.place(request), ids);
  }

  private GetLatestResponse page(GetLatestRequest request, IntPredicate matches) {
    CompletableFuture<GetLatestResponse> page = ask(request, matches);
    world.run(); // the view thread's part
    control.runOne();
    assertThat(page).isDone();
    assertThat(loop.timers()).as("nobody waits").isZero();
    return result(page);
  }

  private static GetLatestResponse result(CompletableFuture<GetLatestResponse> page) {
    try {
      return page.join();
    } catch (CompletionException refused) {
      throw (RuntimeException) refused.getCause();
    }
  }

  private static GetLatestRequest request(int size, String token) {
    return GetLatestRequest.newBuilder()
        .setTopic("t")
        .setPageSize(size)
        .setPageToken(token)
        .build();
  }

  private ErrorCode refusal(GetLatestRequest request) {
    try {
      page(request, id -> true);
      throw new AssertionError("not refused");
    } catch (FaultException refused) {
      return refused.fault().code();
    }
  }

  @Test
  void pages_areEverySensorOnceById() {
    Map<String, Double> expected = new HashMap<>();
    Random random = new Random(3);
    for (int i = 0; i < 60; i++) {
      String sensor = "s" + random.nextInt(25);
      store(number(sensor, i));
      expected.put(sensor, (double) i);
    }
    Map<String, Double> found = new HashMap<>();
    List<Integer> ids = new ArrayList<>();
    String token = "";
    do {
      GetLatestResponse page = page(request(4, token), id -> true);
      assertThat(page.getReadingsCount()).isBetween(1, 4);
      assertThat(Cursor.parse(page.getCursor()).orElseThrow()).isEqualTo(topic.headCursor());
      for (Reading reading : page.getReadingsList()) {
        assertThat(found.put(reading.getSensor(), reading.getDouble())).isNull();
        assertThat(reading.getCursor()).isEmpty();
        ids.add(topic.sensors().byName(reading.getSensor()).id());
      }
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    assertThat(found).isEqualTo(expected);
    assertThat(ids).isSorted();
  }

  @Test
  void selectedSensors_areTheOnlyOnes() {
    store(number("a", 1), number("b", 2), number("c", 3));
    int wanted = topic.sensors().byName("b").id();
    GetLatestResponse page = page(request(0, ""), id -> id == wanted);
    assertThat(page.getReadingsList()).extracting(Reading::getSensor).containsExactly("b");
    assertThat(page.getNextPageToken()).isEmpty();
  }

  @Test
  void everyKind_isTold() {
    store(
        Reading.newBuilder().setSensor("i").setInteger(-7).build(),
        Reading.newBuilder().setSensor("b").setBoolean(true).build(),
        Reading.newBuilder().setSensor("t").setText("é").build(),
        Reading.newBuilder().setSensor("x").setBlob(ByteString.copyFromUtf8("x")).build());
    Map<String, Object> found = new HashMap<>();
    for (Reading reading : page(request(0, ""), id -> true).getReadingsList()) {
      found.put(reading.getSensor(), ExpectedReading.value(reading));
      assertThat(reading.getTime().getSeconds()).isEqualTo(ExpectedReading.NOW / 1_000_000_000);
    }
    assertThat(found)
        .containsEntry("i", -7L)
        .containsEntry("b", true)
        .containsEntry("t", "é")
        .containsEntry("x", ByteString.copyFromUtf8("x"))
        .hasSize(4);
  }

  @Test
  void valueTooLarge_isNamed() {
    store(Reading.newBuilder().setSensor("t").setText("t".repeat(1 << 11)).build());
    GetLatestResponse page = page(request(0, ""), id -> true);
    assertThat(page.getReadingsList()).isEmpty();
    assertThat(page.getTooLargeList()).containsExactly("t");
  }

  @Test
  void pageOfManyBytes_endsBeforeItsBound() {
    limits = limits.with(Limit.READ_BYTES_MAX, 1 << 16);
    for (int i = 0; i < 100; i++) {
      store(Reading.newBuilder().setSensor("t" + i).setText("t".repeat(1 << 10)).build());
    }
    int found = 0;
    String token = "";
    do {
      GetLatestResponse page = page(request(0, token), id -> true);
      assertThat(page.getSerializedSize()).isLessThan((1 << 16) + 200);
      found += page.getReadingsCount();
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    assertThat(found).isEqualTo(100);
  }

  @Test
  void wrongPages_areRefused() {
    assertThat(refusal(request(10_001, ""))).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(refusal(request(-1, ""))).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(refusal(request(0, "x"))).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(refusal(request(0, "-1"))).isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void emptyTopic_hasAnEmptyPageWithACursor() {
    GetLatestResponse page = page(request(0, ""), id -> true);
    assertThat(page.getReadingsList()).isEmpty();
    assertThat(page.getCursor()).isEqualTo(topic.headCursor().text());
  }

  @Test
  void pageThatWaits_holdsNoThread() {
    store(number("a", 1));
    CompletableFuture<GetLatestResponse> page = ask(request(0, ""), id -> true);
    boolean[] ran = {false};
    control.execute(() -> ran[0] = true);
    control.runOne();
    assertThat(ran[0]).as("the pool is free").isTrue();
    assertThat(page).isNotDone();
    world.run();
    assertThat(page).as("it is made on the pool").isNotDone();
    control.runOne();
    assertThat(page.join().getReadingsList()).hasSize(1);
  }

  @Test
  void lastValuesFarBehind_areOverloadedForNow() {
    limits = limits.with(Limit.LATEST_WAIT_MS, 10);
    CompletableFuture<GetLatestResponse> page = ask(request(0, ""), id -> true);
    loop.advance(9_999_999);
    assertThat(loop.runOne()).isFalse();
    loop.advance(1);
    loop.runOne();
    control.runOne();
    assertThatThrownBy(() -> result(page))
        .isInstanceOfSatisfying(
            FaultException.class,
            refused -> {
              assertThat(refused.fault().code()).isEqualTo(ErrorCode.OVERLOADED);
              assertThat(refused.fault().retryDelay()).isPresent();
            });
    world.run(); // nobody is answered any more
    assertThat(control.size()).isZero();
  }

  @Test
  void fullPool_isOverloaded() {
    CompletableFuture<GetLatestResponse> page = ask(request(0, ""), id -> true);
    control.refuse(true);
    world.run();
    assertThatThrownBy(() -> result(page))
        .isInstanceOfSatisfying(
            FaultException.class,
            refused -> assertThat(refused.fault().code()).isEqualTo(ErrorCode.OVERLOADED));
  }

  @Test
  void closedTopic_isRefused() {
    world.stop();
    assertThat(refusal(request(0, ""))).isEqualTo(ErrorCode.STORE_FAILED);
  }

  @Test
  void pageOfManySensors_isMadeInSlices_andNoFurtherOnceItsCallerIsGone() {
    Reading[] many = new Reading[2 * LatestPageTask.SLICE_SENSORS];
    for (int i = 0; i < many.length; i++) {
      many[i] = number("s" + i, i);
    }
    store(many);
    AtomicInteger looked = new AtomicInteger();
    AtomicBoolean here = new AtomicBoolean(true);
    CompletableFuture<GetLatestResponse> page =
        new LatestPager(
                limits, new ControlPool(control, Duration.ofMillis(5)), snapshots, loop::schedule)
            .page(
                new Caller("test", here::get),
                topic,
                new LatestPager.PageStart(0, 1_000),
                id -> looked.incrementAndGet() < 0);
    world.run();
    control.runOne();
    assertThat(looked.get()).isBetween(1, LatestPageTask.SLICE_SENSORS);
    int before = looked.get();
    here.set(false);
    while (control.runOne()) {}
    assertThat(looked.get()).isEqualTo(before);
    assertThat(page).isNotDone();
  }

  @Test
  void pageThatIsNotMadeInTime_isOverloadedAndHoldsNothing() {
    for (int i = 0; i < 100; i++) {
      store(number("s" + i, i));
    }
    List<CompletableFuture<GetLatestResponse>> pages = new ArrayList<>();
    for (int round = 0; round < 20; round++) {
      pages.add(ask(request(0, ""), id -> true));
      world.run(); // the control pool does not come to it
      assertThat(budget.used()).isLessThanOrEqualTo(budget.max());
      for (int i = 0; i < 100; i++) {
        store(number("s" + i, round));
        assertThat(budget.used()).isLessThanOrEqualTo(budget.max());
      }
    }
    assertThatThrownBy(() -> result(pages.get(0)))
        .isInstanceOfSatisfying(
            FaultException.class,
            refused -> {
              assertThat(refused.fault().code()).isEqualTo(ErrorCode.OVERLOADED);
              assertThat(refused.fault().retryDelay()).isPresent();
              assertThat(refused.fault().message()).contains("snapshot_budget_bytes", "2000");
            });
    while (control.runOne()) {
      assertThat(budget.used()).isLessThanOrEqualTo(budget.max());
    }
    assertThat(pages).allMatch(CompletableFuture::isDone);
    assertThat(budget.used()).isZero();
  }

  @Test
  void pagesThatEndInAnyWay_holdNothing() {
    store(number("a", 1));
    CompletableFuture<GetLatestResponse> cancelled = ask(request(0, ""), id -> true);
    world.run();
    assertThat(budget.used()).isPositive();
    cancelled.cancel(false);
    assertThat(budget.used()).as("cancelled").isZero();
    control.runOne();
    ask(request(0, ""), id -> true).cancel(false);
    world.run();
    assertThat(budget.used()).as("cancelled before there were any").isZero();
    CompletableFuture<GetLatestResponse> failed =
        ask(
            request(0, ""),
            id -> {
              throw new IllegalStateException("a defect");
            });
    world.run();
    assertThatThrownBy(control::runOne).isInstanceOf(IllegalStateException.class);
    assertThat(failed).isCompletedExceptionally();
    assertThat(budget.used()).as("failed").isZero();
    control.refuse(true);
    ask(request(0, ""), id -> true);
    world.run();
    assertThat(budget.used()).as("refused").isZero();
  }
}
