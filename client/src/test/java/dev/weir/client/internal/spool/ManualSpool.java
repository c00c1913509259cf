package dev.weir.client.internal.spool;

import dev.weir.client.BatchAck;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorOptions;
import dev.weir.client.SpoolOptions;
import dev.weir.client.WeirException;
import dev.weir.client.internal.batch.BatchBounds;
import dev.weir.client.internal.batch.PartitionBuffer;
import dev.weir.client.internal.batch.PublishBuffer;
import dev.weir.client.internal.batch.ReadingBatch;
import dev.weir.client.internal.metrics.SpoolMetrics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * A publisher's spool whose thread and clock are the test's, and which notes what it tells its
 * session. Owned by the test.
 */
final class ManualSpool implements SpoolAccess.Listener {
  static final Path DIRECTORY = Path.of("/spool");

  final List<SpoolAccess.SpooledBatch> arrived = new ArrayList<>();
  final List<String> heard = new ArrayList<>();
  final Spool spool;
  final SpoolWorker worker;
  long nanos;

  private final PartitionBuffer gather;
  private final PublishBuffer intake;

  /** A process that opens the spool; frames hold at most three readings. */
  ManualSpool(FakeDisk disk, Duration syncEvery) throws IOException {
    this(disk, syncEvery, 256 * 1024, 3);
  }

  ManualSpool(FakeDisk disk, Duration syncEvery, long bytesMax, int frameReadings)
      throws IOException {
    SpoolOptions options =
        SpoolOptions.builder(DIRECTORY).bytesMax(bytesMax).syncEvery(syncEvery).build();
    PublisherOptions publisher =
        PublisherOptions.builder("t")
            .producerId("p")
            .batchBytesMax(1_024)
            .batchReadingsMax(frameReadings)
            .spool(options)
            .build();
    spool = Spool.open(disk, DIRECTORY, new SpoolSettings("t", "p", 7, bytesMax, false));
    var status = new AtomicReference<>(spool.status());
    intake = new PublishBuffer(publisher, () -> nanos, () -> {});
    gather = intake.open(1, BatchBounds.of(publisher))[0];
    SpoolSensorKeys keys = new SpoolSensorKeys(intake, spool.recoveredSensors(), spool.keys());
    SpoolMetrics meters = new SpoolMetrics("t", "p", status::get);
    worker =
        new SpoolWorker(
            spool,
            options,
            new SpoolWorker.Input(intake, gather, keys),
            () -> nanos,
            meters,
            status,
            this);
  }

  CompletableFuture<BatchAck> publish(double value) {
    return publish("s", value);
  }

  CompletableFuture<BatchAck> publish(String sensor, double value) {
    return intake.sensor(SensorOptions.of(sensor)).publish((long) value, value);
  }

  void position(String position) {
    intake.mark(position);
  }

  /** The first session, of a topic with one partition. */
  void open(long lastSequence) {
    step(w -> w.onOpened("a", 1, new long[] {lastSequence}, BatchBounds.NONE));
  }

  /** One round of the spool thread. */
  long step() {
    return worker.step(List.of());
  }

  /** One round behind a task that the session left. */
  long step(Consumer<SpoolWorker> task) {
    return worker.step(List.of(task));
  }

  /** As {@code Publisher.flush}. */
  CompletableFuture<Void> flush() {
    CompletableFuture<Void> stored = new CompletableFuture<>();
    step(w -> w.onFlush(stored));
    return stored;
  }

  /** The first frame of each part that was handed, in order. */
  List<Long> frames() {
    return arrived.stream().map(part -> part.batch().piece().frame()).toList();
  }

  @Override
  public void accepted(ReadingBatch batch, long frame) {
    batch.promise().keep(BatchAck.ofSpool(frame, batch.readings()));
  }

  @Override
  public void refused(ReadingBatch batch, WeirException cause) {
    batch.promise().fail(cause);
  }

  @Override
  public void stored(int readings) {
    heard.add("stored " + readings);
  }

  @Override
  public void lost(int partition, long fromSequence, long throughSequence) {
    heard.add("lost " + fromSequence + " to " + throughSequence);
  }

  @Override
  public void dropped(long readings, WeirException cause) {
    heard.add("dropped " + readings);
  }

  @Override
  public void arrived(List<SpoolAccess.SpooledBatch> parts) {
    arrived.addAll(parts);
  }

  @Override
  public void rewound() {
    arrived.clear();
  }

  @Override
  public void durable(int partition) {
    heard.add("durable " + partition);
  }

  @Override
  public void failed(WeirException cause) {
    heard.add("failed " + cause.reason());
  }

  @Override
  public void post(Runnable event) {
    event.run();
  }
}
