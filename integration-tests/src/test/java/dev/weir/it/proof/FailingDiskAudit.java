package dev.weir.it.proof;

import dev.weir.client.WeirClient;
import dev.weir.common.file.NioDataFiles;
import dev.weir.service.log.InspectedItem;
import dev.weir.service.log.InspectedPartition;
import dev.weir.service.log.segment.SegmentEngine;
import dev.weir.v1.Reading;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A real server for which system calls on the file of one partition fail. Owned by the test that
 * runs it.
 */
final class FailingDiskAudit {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final String TOPIC = "line";
  private static final int PARTITIONS = 3;
  private static final int IN_FLIGHT = 4;
  private static final int BATCHES_MAX = 2_000;
  private static final int BATCHES_AFTER = 50;
  private static final int VICTIM = 0;
  private static final String PRODUCER = "raw";
  private static final String BYSTANDER = "bystander";

  private final RealServer.Terms terms;
  private final Path trace;
  private final AuditFindings complaints = new AuditFindings();
  private final NumberedSources sources = new NumberedSources(TOPIC, PARTITIONS);
  private final List<NumberedSource> lanes = new ArrayList<>();
  private final long[] sent = new long[PARTITIONS];

  /** Readings that the present publisher has not sent itself: its sequences begin after them. */
  private long[] before = new long[PARTITIONS];

  private Path victim;
  private long failed;

  FailingDiskAudit(Path dir) {
    terms = new RealServer.Terms(dir, Map.of());
    trace = dir.resolve("failing.trace");
  }

  AuditFindings complaints() {
    return complaints;
  }

  /** Calls that failed. */
  long failed() {
    return failed;
  }

  /** Makes the topic, and finds the file that its first partition will append to. */
  private void prepare() throws IOException, InterruptedException {
    try (RealServer server = RealServer.start(terms, 0, List.of());
        WeirClient client = StraceAudit.connect(server)) {
      client.topics().createTopic(TOPIC, PARTITIONS);
      complaints.unless(server.stop() == 0, "it does not stop: %s", server.exitCode());
    }
    for (InspectedPartition partition : SegmentEngine.inspect(terms.data(), new NioDataFiles())) {
      if (!partition.id().log().equals("system") && partition.id().partition() == VICTIM) {
        Path topic = terms.data().resolve("topics").resolve(partition.id().log());
        victim = topic.resolve(Integer.toString(VICTIM)).resolve("00000000000000000000.log");
      }
    }
  }

  private RealServer startFailing(String injection) throws IOException {
    return RealServer.start(terms.under(Strace.failing(trace, victim, injection)), 0, List.of());
  }

  /**
   * The third sync of a thread fails: that partition stops and acknowledges nothing more, the
   * others continue.
   */
  void failedSync() throws IOException, InterruptedException {
    prepare();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      lanes.add(sources.add(PRODUCER, partition, 1));
    }
    long acked;
    try (RealServer server = startFailing("fdatasync:error=EIO:when=3")) {
      ManagedChannel channel = connect(server);
      long epochOther = new RawPublisher(channel, TOPIC, BYSTANDER, 0).awaitOpened().getEpoch();
      RawPublisher publisher = new RawPublisher(channel, TOPIC, PRODUCER, 0);
      long epoch = publisher.awaitOpened().getEpoch();
      while (!publisher.isOver() && sent[VICTIM] < BATCHES_MAX) {
        for (int partition = 0; partition < PARTITIONS; partition++) {
          send(publisher, partition);
        }
      }
      complaints.unless(publisher.isOver(), "no sync failed: %s", publisher);
      acked = publisher.acked(VICTIM);
      RawPublisher again = new RawPublisher(channel, TOPIC, PRODUCER, epoch);
      complaints.unless(
          again.awaitOpened() == null && again.isOver(),
          "it is told where to go on, though nobody knows: %s",
          again);
      RawPublisher other = new RawPublisher(channel, TOPIC, BYSTANDER, epochOther);
      if (other.awaitOpened() == null) { // after all that the first one had under way
        complaints.add("no session is opened for the other partitions: %s", other);
      } else {
        lookAgain(channel, acked);
        goOn(other);
      }
      complaints.unless(
          server.words().stream().anyMatch(line -> line.contains("POISONED")),
          "the operator is not told: %s",
          server.words());
      channel.shutdownNow();
    }
    requireDurable(acked);
    requireBack(acked);
  }

  /** Reading continues; the next publisher continues after what is stored now. */
  private void lookAgain(ManagedChannel channel, long acked) {
    ServedContents view = ServedContents.of(channel);
    for (int partition = 0; partition < PARTITIONS; partition++) {
      sent[partition] = view.readings().getOrDefault(TOPIC + "/" + partition, List.of()).size();
    }
    before = sent.clone();
    complaints.unless(
        sent[VICTIM] == acked, "%s batches are shown, acknowledged were %s", sent[VICTIM], acked);
  }

  /** The others take batches; the one that failed takes none, also where they were never synced. */
  private void goOn(RawPublisher publisher) {
    for (int i = 0; i < BATCHES_AFTER; i++) {
      for (int partition = 1; partition < PARTITIONS; partition++) {
        send(publisher, partition);
      }
    }
    for (int partition = 1; partition < PARTITIONS; partition++) {
      complaints.unless(
          publisher.awaitAcked(partition, sent[partition] - before[partition]),
          "partition %s does not go on: %s",
          partition,
          publisher);
    }
    send(publisher, VICTIM);
    complaints.unless(
        !publisher.awaitAcked(VICTIM, sent[VICTIM] - before[VICTIM]),
        "acknowledged on top of a failed sync");
    complaints.unless(
        publisher.isOver() || publisher.isRefused(),
        "the partition that failed says nothing: %s",
        publisher);
  }

  private static ManagedChannel connect(RealServer server) {
    return NettyChannelBuilder.forTarget(server.address()).usePlaintext().build();
  }

  /** The next batch of a partition, once few enough are under way. */
  private void send(RawPublisher publisher, int partition) {
    long reading = sent[partition] + 1;
    long sequence = reading - before[partition];
    ProcessWait.until(
        () -> publisher.acked(partition) >= sequence - IN_FLIGHT || publisher.isOver(),
        RawPublisher.PATIENCE);
    sent[partition] = reading;
    NumberedSource lane = lanes.get(partition);
    publisher.send(partition, sequence, lane.sensor(lane.next()), NumberedSource.value(reading));
  }

  /** Requires that what was acknowledged was synced by a call that ended well. */
  private void requireDurable(long acked) throws IOException {
    DurabilityRecord book = new DurabilityRecord();
    book.wasThere(victim.toString());
    List<DurabilityRecord.Claim> batches = new ArrayList<>();
    for (InspectedPartition partition : SegmentEngine.inspect(terms.data(), new NioDataFiles())) {
      partition.forEach(item -> claim(item, book, batches));
    }
    StraceFile.read(trace, book);
    failed = book.failed();
    complaints.unless(failed > 0, "the trace shows no failed call");
    for (int i = 0; i < acked; i++) {
      complaints.unless(
          i < batches.size() && batches.get(i).durableAt() < Long.MAX_VALUE,
          "batch %s was acknowledged and never synced",
          i + 1);
    }
  }

  private void claim(InspectedItem item, DurabilityRecord book, List<DurabilityRecord.Claim> to) {
    if (item instanceof InspectedItem.Stored stored && stored.record().readings() > 0) {
      RecordLocation place = RecordLocation.of(stored.place());
      if (place.path().equals(victim.toString())) {
        to.add(book.claim(place));
      }
    }
  }

  /** A restart serves all that was acknowledged, and the partition takes batches again. */
  private void requireBack(long acked) throws IOException {
    try (RealServer server = RealServer.start(terms, 0, List.of())) {
      ManagedChannel channel = connect(server);
      ServedContents view = ServedContents.of(channel);
      for (int partition = 0; partition < PARTITIONS; partition++) {
        List<Reading> readings = view.readings().getOrDefault(TOPIC + "/" + partition, List.of());
        long expected = partition == VICTIM ? acked : sent[partition];
        complaints.unless(readings.size() >= expected, "partition %s lost batches", partition);
        for (int i = 0; i < readings.size(); i++) {
          complaints.unless(
              readings.get(i).getDouble() == i + 1, "another reading: %s", readings.get(i));
        }
      }
      RawPublisher publisher = new RawPublisher(channel, TOPIC, PRODUCER, 0);
      long next = publisher.awaitOpened().getLastSequences(VICTIM).getLastSequence() + 1;
      complaints.unless(next > acked, "the producer's last sequence went back to %s", next - 1);
      publisher.send(VICTIM, next, lanes.get(VICTIM).sensor(next), NumberedSource.value(next));
      complaints.unless(
          publisher.awaitAcked(VICTIM, next), "the partition is still stopped: %s", publisher);
      channel.shutdownNow();
    }
  }

  /** Some writes find no space: they are refused and tried again, and all is stored in the end. */
  void failedWrite() throws IOException, InterruptedException {
    prepare();
    try (RealServer server = startFailing("pwrite64:error=ENOSPC:when=5..7");
        WeirClient client = StraceAudit.connect(server);
        ResumingSubscriber follower = ResumingSubscriber.start(client, sources, false, complaints);
        StreamLoad load = new StreamLoad(client, sources, "stream", complaints)) {
      complaints.unless(
          ProcessWait.until(
              () -> sources.all().get(VICTIM).acked() > 1_000 || !complaints.isEmpty(), PATIENCE),
          "partition %s does not go on",
          VICTIM);
      load.finish();
      follower.awaitAcked(sources, PATIENCE);
      ResumingSubscriber.readBack(client, sources, false, complaints);
      complaints.unless(
          server.words().stream().anyMatch(line -> line.contains("could not store")),
          "the operator is not told: %s",
          server.words());
    }
    DurabilityRecord book = new DurabilityRecord();
    StraceFile.read(trace, book);
    failed = book.failed();
    complaints.unless(failed > 0, "the trace shows no failed call");
  }
}
