package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.catalog.SensorCatalog;
import dev.weir.service.catalog.TopicInfo;
import dev.weir.service.catalog.TopicSettings;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.sequence.SequenceRule;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.tail.PartitionTail;
import dev.weir.service.tail.TailBudget;
import dev.weir.service.telemetry.Meters;
import dev.weir.v1.Durability;
import dev.weir.v1.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real threads that go on asking a partition while it closes. */
@Timeout(30)
class PartitionCloseStressTest {
  private static final int ROUNDS = 300;
  private static final int ASKING = 2;

  @ParameterizedTest
  @EnumSource(names = {"DURABILITY_SYNCED", "DURABILITY_MEMORY"})
  void requestsRacingClose_areAnsweredOrRefused(Durability durability) throws Exception {
    ExecutorService writer = Executors.newSingleThreadExecutor();
    ExecutorService background = Executors.newSingleThreadExecutor();
    ExecutorService asking = Executors.newFixedThreadPool(ASKING);
    int answeredInAll = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Partition partition = open(durability, writer, background);
      AtomicInteger answered = new AtomicInteger();
      CountDownLatch begun = new CountDownLatch(ASKING);
      List<Future<Integer>> taken = new ArrayList<>();
      for (int i = 0; i < ASKING; i++) {
        taken.add(asking.submit(() -> ask(partition, begun, answered)));
      }
      begun.await();
      CompletableFuture<Void> closed = partition.close();
      int expected = 0;
      for (Future<Integer> one : taken) {
        expected += one.get(10, TimeUnit.SECONDS);
      }
      closed.get(10, TimeUnit.SECONDS);
      writer.submit(() -> {}).get(10, TimeUnit.SECONDS);
      assertThat(answered).as("answers of round %s", round).hasValue(expected);
      answeredInAll += expected;
    }
    assertThat(answeredInAll).isGreaterThan(ROUNDS);
    writer.shutdown();
    background.shutdown();
    asking.shutdown();
  }

  /** Asks until it is refused; how often it was not. */
  private static int ask(Partition partition, CountDownLatch begun, AtomicInteger answered) {
    var sensor = SampleBatches.sensor("x", Kind.KIND_INTEGER);
    var define = new PartitionRequest.Define(List.of(sensor), result -> answered.incrementAndGet());
    var store =
        new PartitionRequest.Append(
            null, "", 0, 0, SampleBatches.encoded(0, 7), result -> answered.incrementAndGet());
    int taken = 0;
    while (partition.offer(taken % 4 == 0 ? define : store)) {
      taken++;
      begun.countDown();
    }
    while (!partition.closing()) {
      Thread.onSpinWait(); // its queue is full
    }
    return taken;
  }

  private static Partition open(
      Durability durability, ExecutorService writer, ExecutorService background) throws Exception {
    var settings = new TopicSettings(1, durability, 0, 1 << 20, Map.of());
    TopicInfo topic = TopicInfo.created("t", 1, settings, 0, "");
    FakeEngine engine = new FakeEngine();
    PartitionLog log = engine.claim(topic.partition(0), true);
    PartitionTail tail =
        new PartitionTail(
            new Position(log.epoch(), 0, 0, 0),
            16,
            new TailBudget(new Budget("tail_bytes", 1 << 20)));
    var setting =
        new PartitionContext(
            Limits.defaults(),
            writer,
            background,
            background,
            (nanos, task) -> () -> {}, // never
            () -> 7,
            Meters.NONE,
            new Budget("catalog_budget_bytes", Long.MAX_VALUE),
            new Budget("latest_bytes_max", 0),
            SequenceRule.STRICT);
    return PartitionOpener.open(topic, 0, log, tail, new SensorCatalog(1, 10), setting);
  }
}
