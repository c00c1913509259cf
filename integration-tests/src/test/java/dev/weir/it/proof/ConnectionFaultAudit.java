package dev.weir.it.proof;

import dev.weir.client.ClientOptions;
import dev.weir.client.WeirClient;
import dev.weir.it.proxy.ConnectionFaultPlan;
import dev.weir.it.proxy.FaultProxy;
import dev.weir.it.proxy.PendingMessages;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A real server whose clients reach it only through proxies that harm their connections: publishers
 * on streams, one that makes unary calls again until they are answered, and subscribers. When
 * enough cuts have hit something, the connections are left alone, and all books are compared. Owned
 * by the test that runs it.
 */
final class ConnectionFaultAudit {
  /** Each has a client, and so a connection, of its own. */
  private static final int STREAMS = 14;

  private static final int PARTITIONS = 2;
  private static final int AFTER_MAX = 6;
  private static final int AMOUNT_MAX = 3;

  /** A unary call comes alone: whoever waits for the next one waits for its deadline. */
  private static final int UNARY_AMOUNT_MAX = 1;

  /** One in so many of all cuts hits the unary client. */
  private static final int UNARY_SHARE = 10;

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final RealServer.Terms terms;
  private final List<String> faults;
  private final long seed;
  private final Duration patience;
  private final AuditFindings complaints = new AuditFindings();
  private final List<ConnectionFaultPlan> harms = new ArrayList<>();
  private final List<FaultProxy> proxies = new ArrayList<>();
  private final List<WeirClient> clients = new ArrayList<>();
  private final List<PublishLoad> loads = new ArrayList<>();
  private final List<ResumingSubscriber> followers = new ArrayList<>();
  private final NumberedSources sources = new NumberedSources("cut", PARTITIONS);
  private UnaryLoad unary;
  private long delivered;

  /**
   * An audit of a server in an empty directory.
   *
   * @param faults what the server goes without; empty for a true audit
   * @param patience how long all the cuts may take
   */
  ConnectionFaultAudit(RealServer.Terms terms, List<String> faults, long seed, Duration patience) {
    this.terms = terms;
    this.faults = faults;
    this.seed = seed;
    this.patience = patience;
  }

  /** Cuts until so many cuts have hit something, of publishers and subscribers by halves. */
  ConnectionFaultAudit run(long cuts) throws IOException, InterruptedException {
    try (RealServer server = RealServer.start(terms, 0, faults)) {
      WeirClient direct = client(server.port());
      direct.topics().createTopic(sources.topic(), PARTITIONS);
      long unaryCuts = 1 + cuts / UNARY_SHARE;
      long half = cuts / 2;
      FaultProxy toUnary = proxy(server, PendingMessages::unary, UNARY_AMOUNT_MAX, unaryCuts);
      FaultProxy toPublish = proxy(server, PendingMessages::publishing, AMOUNT_MAX, cuts - half);
      FaultProxy toSubscribe = proxy(server, PendingMessages::subscribing, AMOUNT_MAX, half);
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("localhost", toUnary.port()).usePlaintext().build();
      try {
        for (int i = 0; i < STREAMS; i++) {
          followers.add(
              ResumingSubscriber.start(client(toSubscribe.port()), sources, false, complaints));
          loads.add(new StreamLoad(client(toPublish.port()), sources, "stream-" + i, complaints));
        }
        unary = new UnaryLoad(channel, sources, complaints);
        loads.add(unary);
        awaitCuts();
        compare(direct);
        complaints.unless(server.stop() == 0, "the server ended with %s", server.exitCode());
        for (String line : server.words()) {
          boolean planned = line.contains("breaks its promises");
          complaints.unless(planned || !isWorry(line), "the server said: %s", line);
        }
      } finally {
        close(channel);
      }
    }
    return this;
  }

  private WeirClient client(int port) {
    ClientOptions options =
        ClientOptions.builder("localhost:" + port)
            .backoffSeed(seed + clients.size())
            .closeTimeout(Duration.ZERO)
            .build();
    WeirClient client = WeirClient.connect(options);
    clients.add(client);
    return client;
  }

  private FaultProxy proxy(
      RealServer server, Supplier<PendingMessages> traffic, int amountMax, long hitsWanted)
      throws IOException {
    ConnectionFaultPlan harm =
        new ConnectionFaultPlan(seed + harms.size(), AFTER_MAX, amountMax, hitsWanted);
    FaultProxy proxy = new FaultProxy(server.port(), traffic, harm);
    harms.add(harm);
    proxies.add(proxy);
    return proxy;
  }

  private void awaitCuts() {
    boolean enough =
        ProcessWait.until(
            () -> harms.stream().allMatch(ConnectionFaultPlan::isEnough) || !complaints.isEmpty(),
            patience);
    complaints.unless(enough, "not enough cuts within %s: %s", patience, harms);
    proxies.forEach(FaultProxy::heal);
  }

  private void compare(WeirClient direct) throws InterruptedException {
    for (PublishLoad load : loads) {
      load.finish();
    }
    followers.forEach(follower -> follower.awaitAcked(sources, PATIENCE));
    ResumingSubscriber.readBack(direct, sources, false, complaints);
    for (NumberedSource source : sources.all()) {
      complaints.unless(
          source.acked() == source.sent(),
          "%s: %s sent, %s acknowledged",
          source,
          source.sent(),
          source.acked());
    }
    delivered = followers.stream().mapToLong(ResumingSubscriber::delivered).sum();
  }

  private void close(ManagedChannel channel) throws IOException {
    loads.forEach(PublishLoad::close);
    followers.forEach(ResumingSubscriber::close);
    clients.forEach(WeirClient::close);
    channel.shutdownNow();
    for (FaultProxy proxy : proxies) {
      proxy.close();
      complaints.unless(proxy.failure() == null, "a proxy failed: %s", proxy.failure());
    }
  }

  /** Connections that end are no news for its operator. */
  private static boolean isWorry(String line) {
    return line.contains("ERROR") || line.contains("WARN") || line.startsWith("\tat ");
  }

  AuditFindings complaints() {
    return complaints;
  }

  /** Cuts that hit unacknowledged or undelivered data. */
  long hits() {
    return harms.stream().mapToLong(ConnectionFaultPlan::hits).sum();
  }

  /** Returns the faults that unary calls, publishers and subscribers met. */
  List<ConnectionFaultPlan> harms() {
    return harms;
  }

  /** Summarizes the audit in one line. */
  String totals() {
    long acked = sources.all().stream().mapToLong(NumberedSource::acked).sum();
    return String.format(
        "%d readings acknowledged, %d delivered; %d unary calls made again, %d of them duplicates",
        acked, delivered, unary.repeated(), unary.duplicates());
  }
}
