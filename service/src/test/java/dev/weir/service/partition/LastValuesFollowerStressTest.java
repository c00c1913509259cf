package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.catalog.SensorCatalog;
import dev.weir.service.catalog.TopicInfo;
import dev.weir.service.catalog.TopicSettings;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.sequence.SequenceRule;
import dev.weir.service.latest.PositionedCut;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.tail.PartitionTail;
import dev.weir.service.tail.TailBudget;
import dev.weir.service.telemetry.Meters;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real threads that store and ask for cuts at once. */
@Timeout(60)
class LastValuesFollowerStressTest {
  private static final int RECORDS = 4_000;
  private static final int SENSORS = 8;

  @Test
  void cutsWhileStoring_areEachOfOnePosition() throws Exception {
    ExecutorService writer = Executors.newSingleThreadExecutor();
    ExecutorService views = Executors.newSingleThreadExecutor();
    ExecutorService background = Executors.newSingleThreadExecutor();
    ScheduledExecutorService waiting = Executors.newSingleThreadScheduledExecutor();
    ExecutorService asking = Executors.newSingleThreadExecutor();
    Partition partition = open(writer, views, background, waiting);
    Future<Integer> cuts = asking.submit(() -> ask(partition));
    AtomicLong stored = new AtomicLong();
    for (int i = 0; i < RECORDS; i++) {
      store(partition, i, stored);
    }
    assertThat(cuts.get(30, TimeUnit.SECONDS)).isPositive();
    CompletableFuture<Void> closed = partition.close();
    closed.get(10, TimeUnit.SECONDS);
    assertThat(stored).hasValue(RECORDS);
    assertThat(partition.log().checkpoint().orElseThrow().offset()).isEqualTo(RECORDS);
    writer.shutdown();
    views.shutdown();
    background.shutdown();
    waiting.shutdown();
    asking.shutdown();
  }

  /** The i-th record has the next number of the sensor whose turn it is. */
  private static void store(Partition partition, int i, AtomicLong stored) {
    var payload = SampleBatches.named("s" + i % SENSORS, i);
    var append =
        new PartitionRequest.Append(null, "", 0, 0, payload, result -> stored.incrementAndGet());
    while (!partition.offer(append)) {
      Thread.onSpinWait();
    }
  }

  private static int ask(Partition partition) throws Exception {
    int cuts = 0;
    long end = 0;
    while (end < RECORDS) {
      long head = partition.tail().head().offset();
      PositionedCut at = partition.latest().cut().get(10, TimeUnit.SECONDS);
      end = at.position().offset();
      assertThat(end).isGreaterThanOrEqualTo(head);
      for (int sensor = 0; sensor < SENSORS; sensor++) {
        long last = end - 1 - Math.floorMod(end - 1 - sensor, (long) SENSORS);
        assertThat(at.cut().has(sensor)).isEqualTo(last >= 0);
        if (last >= 0) {
          assertThat(at.cut().bits(sensor)).isEqualTo(last);
          assertThat(at.cut().offset(sensor)).isEqualTo(last);
        }
      }
      cuts++;
    }
    return cuts;
  }

  private static Partition open(
      ExecutorService writer,
      ExecutorService views,
      ExecutorService background,
      ScheduledExecutorService waiting)
      throws Exception {
    TopicInfo topic = TopicInfo.created("t", 1, TopicSettings.synced(1, Map.of()), 0, "");
    PartitionLog log = new FakeEngine().claim(topic.partition(0), true);
    PartitionTail tail =
        new PartitionTail(
            new Position(log.epoch(), 0, 0, 0),
            8_192,
            new TailBudget(new Budget("tail_bytes", 1 << 24)));
    var setting =
        new PartitionContext(
            Limits.defaults(),
            writer,
            views,
            background,
            (nanos, task) -> {
              var scheduled = waiting.schedule(task, nanos, TimeUnit.NANOSECONDS);
              return () -> scheduled.cancel(false);
            },
            System::nanoTime,
            Meters.NONE,
            new Budget("catalog_budget_bytes", Long.MAX_VALUE),
            new Budget("latest_bytes_max", 1 << 20),
            SequenceRule.STRICT);
    return PartitionOpener.open(topic, 0, log, tail, new SensorCatalog(1, 10), setting);
  }
}
