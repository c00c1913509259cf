package dev.weir.it.proof;

import dev.weir.common.file.NioDataFiles;
import dev.weir.service.config.Limit;
import dev.weir.service.log.InspectedItem;
import dev.weir.service.log.InspectedPartition;
import dev.weir.service.log.segment.SegmentEngine;
import dev.weir.v1.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A real server on a small disk that a publisher fills. It has to refuse publishers and to continue
 * with everything else, and with them once there is space. Owned by the test that runs it.
 */
final class FullDiskAudit {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int BATCHES_MAX = 100_000;
  private static final int BATCHES_AFTER = 40;
  private static final int REFUSALS = 20;
  private static final long KEPT_BYTES = 2L << 20;
  private static final int CHECKPOINTS = 2;

  private final RealServer.Terms terms;
  private final List<String> faults;
  private final AuditFindings complaints = new AuditFindings();
  private RealServer server;
  private FullDiskClient client;

  /**
   * An audit.
   *
   * @param dir its directory {@code data} is on the disk, if that is small by itself
   * @param reserveBytes what publishers leave of it
   * @param faults makes it small, if it is not
   */
  FullDiskAudit(Path dir, long reserveBytes, List<String> faults) {
    this.faults = faults;
    terms =
        new RealServer.Terms(
            dir,
            Map.of(
                Limit.DISK_RESERVE_BYTES,
                reserveBytes,
                Limit.SEGMENT_BYTES,
                1L << 20,
                Limit.CHECKPOINT_INTERVAL_BYTES,
                1L << 24,
                Limit.RETENTION_CHECK_MS,
                200L));
  }

  AuditFindings complaints() {
    return complaints;
  }

  /**
   * Fills the disk, asks for everything while it is full, frees some, publishes again, and looks
   * once more after a kill.
   *
   * @param somebodyElse what others do once publishers are refused, such as take the rest
   */
  void run(Runnable somebodyElse) throws IOException, InterruptedException {
    start();
    try {
      client.createTopics();
      fill();
      somebodyElse.run();
      requireRefused();
      client.requireEverythingElse();
      requireTold();
      free();
      publishOn();
      server.kill();
      client.close();
      requireWhole();
      start();
      requireStored(false);
      publishOn();
    } finally {
      client.close();
      server.close();
    }
  }

  private void start() throws IOException {
    server = RealServer.start(terms, 0, faults);
    complaints.unless(server.wasReady(), "it does not start: %s", server.words());
    client = client == null ? new FullDiskClient(server, complaints) : client.again(server);
  }

  private void fill() {
    int batches = 0;
    while (batches < BATCHES_MAX && client.publish()) {
      batches++;
    }
    complaints.unless(batches > 10 && batches < BATCHES_MAX, "%s batches fill the disk", batches);
    requireStored(true);
  }

  private void requireRefused() {
    for (int i = 0; i < REFUSALS; i++) {
      complaints.unless(!client.publish(), "stored on a full disk");
    }
    client.requireDuplicateAcked();
    requireStored(true);
  }

  private void requireTold() throws IOException {
    complaints.unless(
        ProcessWait.until(() -> client.saysFull(true), PATIENCE), "info and health do not say it");
    long said = server.words().stream().filter(line -> line.contains(" DISK_FULL ")).count();
    complaints.unless(said == 1, "the operator is told %s times: %s", said, server.words());
  }

  /** Retention frees space, for which it needs two checkpoints of each partition. */
  private void free() throws IOException {
    client.keepOnly(KEPT_BYTES);
    complaints.unless(
        ProcessWait.until(client::publish, PATIENCE),
        "freed space is not used: %s",
        server.words());
    complaints.unless(
        ProcessWait.until(() -> client.saysFull(false), PATIENCE),
        "info and health say it is full");
    try (Stream<Path> files = Files.walk(terms.data().resolve("topics"))) {
      long checkpoints =
          files.filter(file -> file.getFileName().toString().startsWith("checkpoint-")).count();
      complaints.unless(
          checkpoints >= (long) CHECKPOINTS * FullDiskClient.PARTITIONS,
          "%s checkpoints were written",
          checkpoints);
    }
  }

  private void publishOn() {
    for (int i = 0; i < BATCHES_AFTER; i++) {
      complaints.unless(
          ProcessWait.until(client::publish, PATIENCE), "batch %s is refused with space", i);
    }
    requireStored(false);
  }

  /**
   * Requires that what is stored is what was acknowledged, once and in order.
   *
   * @param all from the first one on; false: retention has taken some
   */
  private void requireStored(boolean all) {
    Map<Integer, List<Reading>> stored = client.stored();
    for (int partition = 0; partition < FullDiskClient.PARTITIONS; partition++) {
      List<Reading> readings = stored.getOrDefault(partition, List.of());
      long acked = client.acked(partition);
      long first = acked - readings.size() + 1;
      complaints.unless(
          !readings.isEmpty() && (first == 1 || !all),
          "%s of %s are there",
          readings.size(),
          acked);
      for (int i = 0; i < readings.size(); i++) {
        complaints.unless(
            FullDiskClient.number(readings.get(i)) == first + i,
            "partition %s: %s instead of %s",
            partition,
            FullDiskClient.number(readings.get(i)),
            first + i);
      }
    }
  }

  /** Requires that nothing is damaged or torn on disk. */
  private void requireWhole() throws IOException {
    for (InspectedPartition partition : SegmentEngine.inspect(terms.data(), new NioDataFiles())) {
      partition.forEach(
          item ->
              complaints.unless(
                  item instanceof InspectedItem.Stored,
                  "%s: half stored: %s",
                  partition.id(),
                  item));
    }
  }

  @Override
  public String toString() {
    return client.toString();
  }
}
