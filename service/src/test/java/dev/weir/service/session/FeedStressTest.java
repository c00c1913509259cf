package dev.weir.service.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limits;
import dev.weir.service.core.Loop;
import dev.weir.service.core.credit.Credit;
import dev.weir.service.fanout.Fanout;
import dev.weir.service.partition.FakeEngine;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.Request;
import dev.weir.service.partition.TestBatches;
import dev.weir.service.partition.Topic;
import dev.weir.service.partition.Topics;
import dev.weir.service.tail.TailBudget;
import dev.weir.service.telemetry.Meters;
import dev.weir.service.wire.Selection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A feed at the head and a writer, by real threads: each commit races the feed that falls asleep.
 */
@Timeout(30)
class FeedStressTest {
  private static final int BATCHES = 10_000;

  private record ThreadLoop(ExecutorService thread) implements Loop {
    @Override
    public boolean inLoop() {
      return false;
    }

    @Override
    public void post(Runnable task) {
      thread.execute(task);
    }

    @Override
    public Runnable schedule(long delayNanos, Runnable task) {
      throw new UnsupportedOperationException();
    }
  }

  /** Says everything its feed has, as a session does. */
  private static final class Pump {
    private final AtomicLong readings = new AtomicLong();
    private Feed feed;

    void run() {
      for (Emission said = feed.next(); said != null; said = feed.next()) {
        if (said instanceof Emission.Data data) {
          readings.addAndGet(data.readings());
        }
      }
    }
  }

  @Test
  void everyCommit_isDelivered() throws Exception {
    ExecutorService writer = Executors.newSingleThreadExecutor();
    ExecutorService loop = Executors.newSingleThreadExecutor();
    var setting = new Partition.Setting(Limits.defaults(), writer, writer, () -> 7, Meters.NONE);
    Topics topics =
        Topics.open(
            new FakeEngine(),
            Limits.defaults(),
            n -> setting,
            new Random(1),
            new TailBudget(1 << 20));
    Topic topic = topics.create("t", 1, Map.of(), "");
    Pump pump = new Pump();
    loop.submit(() -> start(topic, new ThreadLoop(loop), pump)).get(10, TimeUnit.SECONDS);

    for (long stored = 1; stored <= BATCHES; stored++) {
      var payload = TestBatches.named("x", stored);
      var append = new Request.Append(null, "", 0, 0, payload, result -> {});
      assertThat(topic.partitions().get(0).offer(append)).isTrue();
      while (pump.readings.get() < stored && !Thread.currentThread().isInterrupted()) {
        Thread.onSpinWait();
      }
    }
    assertThat(pump.readings).hasValue(BATCHES);
    loop.submit(pump.feed::close).get(10, TimeUnit.SECONDS);
    loop.shutdown();
    writer.shutdown();
  }

  private static void start(Topic topic, Loop loop, Pump pump) {
    Feed.Order order =
        new Feed.Order(
            topic,
            Selection.all(),
            Shape.COLUMNS,
            topic.headCursor(),
            List.of(),
            List.of(),
            Long.MAX_VALUE);
    var control = new Control(Runnable::run, Duration.ofMillis(1));
    var setting = new Feed.Setting(loop, new Fanout(), control, new Feeds(), 1 << 16, pump::run);
    pump.feed = new Feed(setting, order, Credit.unlimited());
    pump.run();
  }
}
