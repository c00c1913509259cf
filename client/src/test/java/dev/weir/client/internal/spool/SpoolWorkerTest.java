package dev.weir.client.internal.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.client.BatchAck;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorOptions;
import dev.weir.client.SpoolOptions;
import dev.weir.client.WeirException;
import dev.weir.client.internal.batch.BatchBounds;
import dev.weir.client.internal.batch.PartitionBuffer;
import dev.weir.client.internal.batch.PublishBuffer;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What the spool thread does when its disk fails it. */
class SpoolWorkerTest {
  private static final Duration LATER = Duration.ofSeconds(1);

  private final FakeDisk disk = new FakeDisk(new Random(5));

  @Test
  void failedSync_whatItsFuturesRefused_isNotInTheSpoolWhenItIsOpenedAgain() throws IOException {
    ManualSpool process = new ManualSpool(disk, Duration.ZERO);
    CompletableFuture<BatchAck> before = process.publish(1);
    process.step();
    CompletableFuture<BatchAck> during = process.publish(2);
    disk.failSyncs(1);
    assertThat(process.step()).isEqualTo(SpoolWorker.OVER);
    assertThat(before).isCompleted();
    assertThat(reason(during)).isEqualTo(WeirException.SPOOL_FAILED);
    assertThat(acceptedBy(new ManualSpool(disk, Duration.ZERO))).isEqualTo(1);
  }

  @Test
  void failedSyncThatCannotBeCutBack_saysThatTheOutcomeIsUnknown() throws IOException {
    ManualSpool process = new ManualSpool(disk, Duration.ZERO);
    process.publish(1);
    process.step();
    CompletableFuture<BatchAck> during = process.publish(2);
    disk.failSyncs(Integer.MAX_VALUE);
    process.step();
    assertThat(reason(during)).isEqualTo(WeirException.SPOOL_OUTCOME_UNKNOWN);
    assertThat(process.heard).contains("failed SPOOL_FAILED");
  }

  @Test
  void failureWhileOthersWaitForTheirSync_eachFutureSaysWhatTheNextProcessFinds()
      throws IOException {
    ManualSpool process = new ManualSpool(disk, LATER, 16 * 1024, 3);
    List<CompletableFuture<BatchAck>> futures = new ArrayList<>();
    while (process.spool.accepted().frames() == 0) { // until a full file was synced
      futures.add(process.publish(futures.size()));
      process.step();
    }
    assertThat(futures).noneMatch(CompletableFuture::isDone);
    process.step(
        worker -> {
          throw new IllegalStateException("a defect");
        });
    assertThat(futures).allMatch(CompletableFuture::isDone);
    long told = futures.stream().filter(f -> !f.isCompletedExceptionally()).count();
    assertThat(told).isBetween(1L, futures.size() - 1L);
    assertThat(acceptedBy(new ManualSpool(disk, LATER))).isEqualTo(told);
  }

  @Test
  void errorInARound_endsThePublisherAsAnyFailure_andGivesTheDirectoryBack() throws IOException {
    ManualSpool process = new ManualSpool(disk, Duration.ZERO);
    CompletableFuture<BatchAck> reading = process.publish(1);
    disk.onWrite(
        () -> {
          throw new LinkageError("as played");
        });
    CompletableFuture<Void> flush = process.flush();
    assertThat(reason(reading)).isEqualTo(WeirException.SPOOL_FAILED);
    assertThat(reason(flush)).isEqualTo(WeirException.SPOOL_FAILED);
    disk.onWrite(() -> {});
    assertThat(acceptedBy(new ManualSpool(disk, Duration.ZERO))).isZero();
  }

  @Test
  void publisherThatEndsWhileAPositionWaitsForRoom_refusesWhatIsBehindIt() throws IOException {
    ManualSpool process = new ManualSpool(disk, Duration.ZERO, 16 * 1024, 1);
    while (process.spool.status().bytes() < 13 * 1024) {
      process.publish(1);
      process.step();
    }
    process.position("p".repeat(4_000));
    process.step();
    CompletableFuture<BatchAck> behind = process.publish(2);
    assertThat(process.step()).as("how long it waits for room").isPositive();
    WeirException closed = new WeirException(WeirException.CLOSED, 1, "as played");
    assertThat(process.step(worker -> worker.onEnd(closed))).isEqualTo(SpoolWorker.OVER);
    assertThat(reason(behind)).isEqualTo(WeirException.SPOOL_FULL);
  }

  @Test
  void taskThatFails_keepsNoOtherFromBeingDone() throws IOException {
    ManualSpool process = new ManualSpool(disk, Duration.ZERO);
    CompletableFuture<Void> flush = new CompletableFuture<>();
    Consumer<SpoolWorker> failing =
        worker -> {
          throw new IllegalStateException("a defect");
        };
    process.worker.step(List.of(failing, worker -> worker.onFlush(flush)));
    assertThat(reason(flush)).isEqualTo(WeirException.SPOOL_FAILED);
  }

  @Test
  void threadThatDies_leavesNobodyWaiting() {
    PublisherOptions options =
        PublisherOptions.builder("t")
            .producerId("p")
            .spool(SpoolOptions.of(ManualSpool.DIRECTORY))
            .build();
    SpoolAccess context = SpoolAccess.open(disk, options, 7);
    PublishBuffer intake = new PublishBuffer(options, () -> 0, () -> {});
    PartitionBuffer gather = intake.open(1, BatchBounds.of(options))[0];
    AtomicReference<Runnable> thread = new AtomicReference<>();
    context.start(intake, gather, () -> 0, thread::set, onlyPosts());
    intake.sensor(SensorOptions.of("s")).publish(1, 1);
    CompletableFuture<Void> flush = context.flush();

    assertThatThrownBy(() -> thread.get().run()).isInstanceOf(LinkageError.class);
    assertThat(context.over()).isCompleted();
    assertThat(flush).isCompletedExceptionally();
    assertThat(context.flush()).isCompletedExceptionally();
  }

  /** A session that fails whatever it is told. */
  private static SpoolAccess.Listener onlyPosts() {
    return (SpoolAccess.Listener)
        Proxy.newProxyInstance(
            SpoolAccess.Listener.class.getClassLoader(),
            new Class<?>[] {SpoolAccess.Listener.class},
            (proxy, method, arguments) -> {
              if (!method.getName().equals("post")) {
                throw new LinkageError("as played");
              }
              ((Runnable) arguments[0]).run();
              return null;
            });
  }

  private static long acceptedBy(ManualSpool process) {
    return process.spool.accepted().readings();
  }

  private static String reason(CompletableFuture<?> failed) {
    assertThat(failed).isCompletedExceptionally();
    return ((WeirException) failed.handle((ok, failure) -> failure).join()).reason();
  }
}
