package dev.weir.service.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.common.file.NioDataFiles;
import dev.weir.service.catalog.TopicInfo;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.sequence.SequenceRule;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.CheckpointState;
import dev.weir.service.log.ForwardingLog;
import dev.weir.service.log.LogEngine;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.segment.SegmentEngine;
import dev.weir.service.log.segment.file.SegmentOptions;
import dev.weir.service.partition.PartitionContext;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.PartitionResult;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.tail.TailBudget;
import dev.weir.service.telemetry.Meters;
import dev.weir.v1.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Topics that are opened, retained and closed on several threads, some of whose disks hang. */
@Timeout(60)
class ParallelTopicsTest {
  private static final int THREADS = 4;
  private static final int TOPICS = 24;

  @TempDir private Path dir;
  private final ExecutorService background = Executors.newFixedThreadPool(THREADS);
  private final ExecutorService writer = Executors.newSingleThreadExecutor();
  private final ExecutorService views = Executors.newSingleThreadExecutor();
  private final ExecutorService system = Executors.newSingleThreadExecutor();
  private final Hanging hanging = new Hanging();
  private SegmentEngine engine;
  private TopicLifecycle topics;

  /** A disk of which some calls hang for one partition. */
  private static final class Hanging {
    final CountDownLatch goOn = new CountDownLatch(1);
    final Set<PartitionId> claimed = ConcurrentHashMap.newKeySet();
    final Set<PartitionId> closed = ConcurrentHashMap.newKeySet();
    final Set<PartitionId> retained = ConcurrentHashMap.newKeySet();
    final Set<PartitionId> hung = ConcurrentHashMap.newKeySet();
    volatile PartitionId claim;
    volatile PartitionId checkpoint;
    volatile PartitionId retention;
    volatile Throwable thrown;
    volatile CyclicBarrier together;
    volatile int failing = -1;

    void pass(PartitionId id, PartitionId hanging) {
      if (id.equals(hanging)) {
        hung.add(id);
        try {
          goOn.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  private final class HangingEngine implements LogEngine {
    @Override
    public String name() {
      return engine.name();
    }

    @Override
    public PartitionLog claim(PartitionId id, boolean mayMake) throws IOException {
      if (id.equals(hanging.claim) && hanging.thrown instanceof Error error) {
        throw error;
      }
      hanging.pass(id, hanging.claim);
      if (hanging.together != null) {
        meet();
      }
      if (id.partition() == hanging.failing) {
        throw new IOException("on purpose");
      }
      PartitionLog log = engine.claim(id, mayMake);
      hanging.claimed.add(id);
      return new HangingLog(log, id);
    }

    private void meet() throws IOException {
      try {
        hanging.together.await(10, TimeUnit.SECONDS);
      } catch (InterruptedException | BrokenBarrierException | TimeoutException alone) {
        throw new IOException(alone);
      }
    }

    @Override
    public void delete(PartitionId id) throws IOException {
      engine.delete(id);
    }

    @Override
    public void close() throws IOException {
      engine.close();
    }
  }

  private final class HangingLog extends ForwardingLog {
    private final PartitionId id;

    HangingLog(PartitionLog log, PartitionId id) {
      super(log);
      this.id = id;
    }

    @Override
    public void checkpoint(Checkpoint head, CheckpointState state) throws IOException {
      hanging.pass(id, hanging.checkpoint);
      log.checkpoint(head, state);
    }

    @Override
    public boolean retain(Retention terms) throws IOException {
      hanging.pass(id, hanging.retention);
      hanging.retained.add(id);
      return log.retain(terms);
    }

    @Override
    public void close() throws IOException {
      log.close();
      hanging.closed.add(id);
    }
  }

  private void open() throws IOException {
    engine =
        SegmentEngine.open(
            dir,
            new NioDataFiles(),
            SegmentOptions.defaults(),
            () -> TestTopics.START_NANOS,
            new SecureRandom(),
            background,
            event -> {});
    PartitionContext setting =
        new PartitionContext(
            Limits.defaults(),
            writer,
            views,
            background,
            (delay, task) -> () -> {},
            () -> TestTopics.START_NANOS,
            Meters.NONE,
            new Budget("catalog_budget_bytes", 1 << 26),
            new Budget("latest_bytes_max", 1 << 20),
            SequenceRule.STRICT);
    LogEngine slow = new HangingEngine();
    topics =
        TopicLifecycle.open(
            new TopicLifecycle.Engines(slow, slow, slow),
            Limits.defaults(),
            n -> setting,
            new SecureRandom(),
            new TailBudget(new Budget("tail_bytes", 1 << 20)),
            system,
            this::atOnce);
  }

  private void atOnce(List<Runnable> tasks) {
    List<CompletableFuture<Void>> all = new ArrayList<>();
    tasks.forEach(task -> all.add(CompletableFuture.runAsync(task, background)));
    try {
      CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
    } catch (java.util.concurrent.CompletionException failed) {
      if (failed.getCause() instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) failed.getCause();
    }
  }

  private List<PartitionId> made() throws IOException {
    open();
    List<PartitionId> made = new ArrayList<>();
    for (int i = 0; i < TOPICS; i++) {
      ServedTopic topic = topics.create("t" + i, 2, Map.of(), "");
      made.add(topic.info().partition(0));
      made.add(topic.info().partition(1));
      store(topic, i);
    }
    return made;
  }

  private static void store(ServedTopic topic, int value) {
    CompletableFuture<PartitionResult> stored = new CompletableFuture<>();
    var sensor = SampleBatches.sensor(SampleBatches.name(0, 0, 2), Kind.KIND_INTEGER);
    topic.partitions().get(0).offer(new PartitionRequest.Define(List.of(sensor), stored::complete));
    assertThat(stored.join()).as("sensor %s", value).isInstanceOf(PartitionResult.Defined.class);
  }

  private CompletableFuture<Void> inTheBackground(IoTask task) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            task.run();
          } catch (IOException failed) {
            throw new UncheckedIOException(failed);
          }
        });
  }

  private interface IoTask {
    void run() throws IOException;
  }

  @AfterEach
  void stop() throws IOException {
    hanging.goOn.countDown();
    if (topics != null) {
      topics.close();
    }
    engine.close();
    List.of(background, writer, views, system).forEach(ExecutorService::shutdownNow);
  }

  private void restart() throws IOException {
    topics.close();
    engine.close();
    topics = null;
    hanging.claimed.clear();
    hanging.closed.clear();
  }

  @Test
  void topicWhoseDiskHangs_keepsNoOtherFromBeingOpened() throws Exception {
    List<PartitionId> made = made();
    restart();
    hanging.claim = made.get(0);
    CompletableFuture<Void> opened = inTheBackground(this::open);
    await("all others are claimed")
        .until(() -> hanging.claimed.containsAll(made.subList(2, made.size())));
    assertThat(opened).isNotDone();
    hanging.goOn.countDown();
    opened.get(30, TimeUnit.SECONDS);
    assertThat(topics.registry().page("", 100)).hasSize(TOPICS);
    for (TopicInfo info : topics.registry().page("", 100)) {
      assertThat(topics.registry().find(info.name()).sensors().count(0))
          .as(info.name())
          .isEqualTo(1);
    }
    assertThat(topics.openings().partitions()).isEqualTo(2 * TOPICS);
  }

  @Test
  void partitionsOfANewTopic_areMadeSideBySide() throws IOException {
    open();
    hanging.together = new CyclicBarrier(THREADS); // no claim ends unless so many are under way
    ServedTopic made = topics.create("t", 4 * THREADS, Map.of(), "");
    hanging.together = null;
    assertThat(made.partitions()).hasSize(4 * THREADS);
    for (int p = 0; p < 4 * THREADS; p++) {
      assertThat(made.partitions().get(p).log().epoch()).as("its own").isPositive();
      assertThat(hanging.claimed).contains(made.info().partition(p));
    }
  }

  @Test
  void newTopic_oneOfWhosePartitionsCannotBeMade_leavesNothing() throws IOException {
    open();
    hanging.failing = 5;
    assertThatThrownBy(() -> topics.create("t", 8, Map.of(), ""))
        .hasMessageContaining("on purpose");
    hanging.failing = -1;
    assertThat(topics.registry().find("t")).isNull();
    Set<PartitionId> left = new HashSet<>(hanging.claimed);
    left.removeAll(hanging.closed);
    assertThat(left).containsExactly(PartitionId.SYSTEM);
    assertThat(dir.resolve("topics")).isEmptyDirectory();
    assertThat(topics.create("t", 8, Map.of(), "").partitions()).hasSize(8);
  }

  @Test
  void errorWhileTopicsAreOpened_endsTheStart() throws Exception {
    List<PartitionId> made = made();
    restart();
    hanging.claim = made.get(5);
    hanging.thrown = new OutOfMemoryError("on purpose");
    assertThatThrownBy(this::open).isSameAs(hanging.thrown);
  }

  @Test
  void partitionWhoseCheckpointHangs_keepsNoOtherFromBeingClosed() throws Exception {
    List<PartitionId> made = made();
    hanging.checkpoint = made.get(0);
    CompletableFuture<Void> closed = inTheBackground(() -> topics.close());
    await("all others are closed")
        .until(() -> hanging.closed.containsAll(made.subList(1, made.size())));
    assertThat(hanging.hung).containsExactly(made.get(0));
    assertThat(closed).isNotDone();
    hanging.goOn.countDown();
    closed.get(30, TimeUnit.SECONDS);
    assertThat(hanging.closed).contains(made.get(0));
  }

  @Test
  void topicWhoseRetentionHangs_isGoneRoundByTheNext() throws Exception {
    List<PartitionId> made = made();
    hanging.retention = made.get(0);
    CompletableFuture<Void> first = inTheBackground(() -> topics.retain());
    await("one hangs").until(() -> !hanging.hung.isEmpty());
    topics.retain();
    assertThat(hanging.retained).containsAll(made.subList(2, made.size()));
    assertThat(first).isNotDone();
    hanging.goOn.countDown();
    first.get(30, TimeUnit.SECONDS);
    assertThat(hanging.retained).containsAll(made);
  }
}
