package dev.weir.it.proof;

import com.google.protobuf.util.Durations;
import dev.weir.client.ClientOptions;
import dev.weir.client.WeirClient;
import dev.weir.faultinjection.InjectedFaults;
import dev.weir.service.config.Limit;
import dev.weir.v1.Durability;
import dev.weir.v1.Retention;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * One data directory under load, whose server is killed again and again. Producers and subscribers
 * live on over all the kills. Owned by the audit's thread.
 */
final class CrashDirectory implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration POINT_PATIENCE = Duration.ofSeconds(15);
  private static final int PARTITIONS = 2;

  /** Producers of each topic that publish on streams. */
  private static final int STREAMS = 3;

  /** Every so many kills all who follow have everything, and all is read anew. */
  private static final int FULL_EVERY = 5;

  private static final int STARTS_MAX = 20;
  private static final long KIB = 1_024;
  private static final Duration RETENTION = Duration.ofMillis(1_500);

  /** Small, so that segments, checkpoints and retention take their turn every moment. */
  private static final Map<Limit, Long> LIMITS =
      Map.of(
          Limit.SEGMENT_BYTES, 64 * KIB,
          Limit.CHECKPOINT_INTERVAL_BYTES, 64 * KIB,
          Limit.RETENTION_CHECK_MS, 100L);

  private final RealServer.Terms terms;
  private final List<String> faults;
  private final KillCounts counts;
  private final AuditFindings complaints = new AuditFindings();
  private final Random random;
  private final NumberedSources kept = new NumberedSources("kept", PARTITIONS);
  private final NumberedSources shortLived = new NumberedSources("short", PARTITIONS);
  private final DiskRecords disk =
      new DiskRecords(complaints, record -> record.producer().startsWith(kept.topic()));
  private final List<StreamLoad> streams = new ArrayList<>();
  private final List<PublishLoad> loads = new ArrayList<>();
  private final Map<PublishLoad, Long> acksAtStart = new HashMap<>();
  private final int port;
  private final WeirClient client;
  private final ManagedChannel channel;
  private RealServer server;
  private int rounds;
  private UploadLoad uploads;
  private UnaryLoad unary;
  private ResumingSubscriber all;
  private ResumingSubscriber newest;
  private DurableSubscriberCheck durable;
  private SnapshotCheck snapshot;

  /**
   * Begins with an empty directory.
   *
   * @param faults what the server goes without besides; empty for a true audit
   */
  CrashDirectory(Path dir, long seed, List<String> faults, KillCounts counts) throws IOException {
    this.terms = new RealServer.Terms(dir, LIMITS);
    this.faults = List.copyOf(faults);
    this.counts = counts;
    random = new Random(~seed);
    server = RealServer.start(terms, 0, faultsWith("kill-later"));
    port = server.port();
    ClientOptions options =
        ClientOptions.builder(server.address())
            .backoffSeed(seed)
            .closeTimeout(Duration.ZERO)
            .build();
    client = WeirClient.connect(options);
    channel = NettyChannelBuilder.forTarget(server.address()).usePlaintext().build();
    client.topics().createTopic(kept.topic(), PARTITIONS);
    client
        .topics()
        .createTopic(
            shortLived.topic(),
            PARTITIONS,
            Durability.DURABILITY_SYNCED,
            Retention.newBuilder().setMaxAge(Durations.fromMillis(RETENTION.toMillis())).build());
    begin();
  }

  private void begin() {
    all = ResumingSubscriber.start(client, kept, false, complaints);
    newest = ResumingSubscriber.start(client, shortLived, true, complaints);
    newest.awaitBegun(PATIENCE); // retention begins with the first reading
    for (NumberedSources sources : List.of(kept, shortLived)) {
      for (int i = 0; i < STREAMS; i++) {
        streams.add(new StreamLoad(client, sources, sources.topic() + "-" + i, complaints));
      }
    }
    uploads = new UploadLoad(server.address(), kept, complaints);
    unary = new UnaryLoad(channel, kept, complaints);
    loads.addAll(streams);
    loads.addAll(List.of(uploads, unary));
    durable = new DurableSubscriberCheck(client, channel, kept, complaints);
    snapshot = new SnapshotCheck(client, shortLived, true, complaints);
    countAcks();
  }

  private List<String> faultsWith(String more) {
    List<String> with = new ArrayList<>(faults);
    with.add(more);
    return with;
  }

  AuditFindings complaints() {
    return complaints;
  }

  /** Kills the server once, starts another, and compares the books. */
  void round(KillPlan kill) throws IOException, InterruptedException {
    rounds++;
    if (kill.atStart()) {
      server.kill();
      server = start("kill=" + kill);
      expectDeath(server, kill);
    } else if (kill.point() == null) {
      awaitLoad();
      server.awaitEnd(Duration.ofMillis(kill.millis()));
      server.kill();
      counts.add(kill.word(), unacknowledged(kill));
    } else {
      awaitLoad();
      server.arm(kill.toString());
      expectDeath(server, kill);
    }
    disk.look(terms.data());
    server = start("kill-later");
    channel.resetConnectBackoff();
    uploads.serverIsBack();
    countAcks();
    durable.audit(random.nextBoolean(), PATIENCE);
    if (rounds % FULL_EVERY == 0) {
      awaitFollowers();
      ResumingSubscriber.readBack(client, kept, false, complaints);
      ResumingSubscriber.readBack(client, shortLived, true, complaints);
    }
  }

  private void countAcks() {
    loads.forEach(load -> acksAtStart.put(load, load.acknowledgedBatches()));
  }

  private boolean isConnected(PublishLoad load) {
    return load.acknowledgedBatches() > acksAtStart.get(load);
  }

  /** Waits until half of the streams have found the server again; each waits for its back-off. */
  private void awaitLoad() {
    complaints.unless(
        ProcessWait.until(
            () -> streams.stream().filter(this::isConnected).count() >= STREAMS, PATIENCE),
        "publishers do not find the server again");
  }

  private void expectDeath(RealServer dying, KillPlan kill) throws InterruptedException {
    if (!dying.awaitEnd(POINT_PATIENCE)) {
      dying.kill();
      counts.addMissed(unacknowledged(kill));
    } else {
      counts.add(kill.word(), unacknowledged(kill));
      complaints.unless(
          dying.exitCode() == InjectedFaults.KILLED_EXIT_CODE,
          "the server ended with code %s instead of dying at %s",
          dying.exitCode(),
          kill);
    }
  }

  /**
   * Returns the batches sent to this server and not acknowledged; at the start, those that wait for
   * it.
   */
  private int unacknowledged(KillPlan kill) {
    return loads.stream()
        .filter(load -> kill.atStart() || isConnected(load))
        .mapToInt(PublishLoad::unacknowledged)
        .sum();
  }

  /** Starts a server at the same port; somebody else may have it for a moment. */
  private RealServer start(String fault) throws IOException {
    for (int tried = 0; tried < STARTS_MAX; tried++) {
      RealServer started = RealServer.start(terms, port, faultsWith(fault));
      boolean died = !started.wasReady() && started.exitCode() == InjectedFaults.KILLED_EXIT_CODE;
      if (started.wasReady() || died) {
        return started;
      }
    }
    throw new IOException("the server does not start: " + lastWords());
  }

  private void awaitFollowers() {
    all.awaitAcked(kept, PATIENCE);
    newest.awaitAcked(shortLived, PATIENCE);
    snapshot.awaitAcked(PATIENCE);
    snapshot.close();
    boolean retained = random.nextBoolean();
    snapshot = new SnapshotCheck(client, retained ? shortLived : kept, retained, complaints);
  }

  /** Stops publishing and the server in order; afterwards everything sent is there. */
  void finish() throws IOException, InterruptedException {
    for (PublishLoad load : loads) {
      load.finish();
    }
    durable.audit(true, PATIENCE);
    awaitFollowers();
    snapshot.awaitAcked(PATIENCE);
    ResumingSubscriber.readBack(client, kept, false, complaints);
    for (NumberedSources sources : List.of(kept, shortLived)) {
      for (NumberedSource source : sources.all()) {
        complaints.unless(
            source.acked() == source.sent(),
            "%s: %s sent, %s acknowledged",
            source,
            source.sent(),
            source.acked());
      }
    }
    long told = newest.order().toldAndNotMissed();
    complaints.unless(told <= unmet(), "gaps told of %s readings that came", told);
    complaints.unless(server.stop() == 0, "the server ended with code %s", server.exitCode());
    disk.look(terms.data());
    for (String line : server.words()) {
      boolean planned = line.contains("dies at") || line.contains("breaks its promises");
      complaints.unless(planned || !line.contains(" ERROR "), "the server said: %s", line);
    }
  }

  /** Readings of the short-lived topic that its follower never got. */
  private long unmet() {
    Map<NumberedSource, Long> position = newest.order().position();
    return shortLived.all().stream()
        .mapToLong(source -> source.sent() - position.getOrDefault(source, 0L))
        .sum();
  }

  private String lastWords() throws IOException {
    List<String> words = server.words();
    return String.join("\n", words.subList(Math.max(0, words.size() - 20), words.size()));
  }

  /** Returns the totals. */
  CrashTotals totals() {
    long acked = 0;
    for (NumberedSources sources : List.of(kept, shortLived)) {
      acked += sources.all().stream().mapToLong(NumberedSource::acked).sum();
    }
    return new CrashTotals(
        acked,
        all.delivered() + newest.delivered(),
        uploads.repeated() + unary.repeated(),
        uploads.duplicates() + unary.duplicates(),
        durable.commits(),
        disk.tornTails());
  }

  @Override
  public void close() {
    loads.forEach(PublishLoad::close);
    client.close();
    channel.shutdownNow();
    server.kill();
  }
}
