package dev.weir.client;

import dev.weir.client.internal.ClientCore;
import dev.weir.v1.GetServerInfoResponse;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishResponse;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.ReadResponse;
import dev.weir.v1.Reading;
import dev.weir.v1.Selector;
import dev.weir.v1.UploadResponse;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Flow;

/**
 * A client of one Weir server, or of several that share a log: the factory of publishers and
 * subscribers, and the owner of their threads and connections. Thread-safe; make one and keep it.
 *
 * <p>Of several servers it uses one, chosen at random, until that one fails or goes away; then it
 * continues with another. A server of another log is never taken for the same: cursors are
 * CURSOR_INVALID there, and publishers end with TOPIC_REPLACED.
 *
 * <p>It connects when first used. All its threads are daemons named {@code weir-client-…}.
 * Connections are plaintext.
 *
 * <pre>{@code
 * try (WeirClient client = WeirClient.connect("localhost:7474")) {
 *   SensorHandle temperature = client.publisher("plant1").sensor("line3/temp");
 *   temperature.publish(timeNanos, 21.5).join();
 * }
 * }</pre>
 */
public final class WeirClient implements AutoCloseable {
  private final ClientCore core;

  private WeirClient(ClientOptions options) {
    this.core = ClientCore.open(options);
  }

  /**
   * Returns a client with default options.
   *
   * @param target {@code host:port}, several of them with commas between, or any gRPC target
   * @throws IllegalArgumentException where it is none of these
   */
  public static WeirClient connect(String target) {
    return connect(ClientOptions.builder(target).build());
  }

  /**
   * Returns a client with these options.
   *
   * @throws IllegalArgumentException where a target is no {@code host:port} nor any gRPC target
   */
  public static WeirClient connect(ClientOptions options) {
    return new WeirClient(options);
  }

  /** Returns a publisher with default options and a producer id made up by the server. */
  public Publisher publisher(String topic) {
    return publisher(PublisherOptions.of(topic));
  }

  /**
   * Returns a new publisher. Returns at once; the session opens in the background.
   *
   * @throws WeirException CLOSED on a closed client; LIMIT_REACHED when the client has 256
   *     publishers and subscribers open
   */
  public Publisher publisher(PublisherOptions options) {
    return core.publisher(options);
  }

  /**
   * Starts a subscription. Returns at once; the session opens in the background and the handler is
   * called on a thread of its own.
   *
   * @throws WeirException CLOSED on a closed client; LIMIT_REACHED when the client has 256
   *     publishers and subscribers open
   */
  public Subscriber subscribe(SubscriberOptions options, ReadingHandler handler) {
    return core.subscribe(options, Objects.requireNonNull(handler, "handler"));
  }

  /**
   * Starts a subscription whose handler finishes with a delivery later; otherwise like {@link
   * #subscribe}.
   */
  public Subscriber subscribeAsync(SubscriberOptions options, AsyncReadingHandler handler) {
    return core.subscribe(options, Objects.requireNonNull(handler, "handler"));
  }

  /**
   * Returns a view for Reactive Streams: each of its subscribers gets a subscription of its own,
   * which asks the server for what was requested, holds back at most one delivery, and signals on a
   * thread of its own. {@code onComplete} is the end asked for: {@code until} is reached, or the
   * client was drained or closed; LAGGED and TOPIC_DELETED are an {@code onError}. Cancelling
   * closes. Credit options mean nothing here, and a durable subscription commits what {@code
   * onNext} has returned from.
   */
  public Flow.Publisher<Reading> readings(SubscriberOptions options) {
    return core.readings(Objects.requireNonNull(options, "options"));
  }

  /**
   * Stores many readings, for backfills: in batches, as fast as the server takes them. Blocks until
   * everything is settled; the topic must exist. What is not stored is in the answer, with reasons.
   * After an exception nothing is known, and a repetition may store readings twice.
   */
  public UploadResponse upload(String topic, Iterable<Reading> readings) {
    return core.upload(topic, "", readings);
  }

  /**
   * Stores the same under a producer id of its own, 1 to 128 bytes: repeating the same readings in
   * the same order stores nothing twice. Use an id for one upload only.
   */
  public UploadResponse upload(String topic, String producerId, Iterable<Reading> readings) {
    return core.upload(topic, OptionChecks.utf8("producerId", producerId, 1, 128), readings);
  }

  /** Returns the last value of every sensor of a topic. Blocks. */
  public LastValues latest(String topic) {
    return latest(topic, Selector.newBuilder().setAll(true).build());
  }

  /** Returns the last value of each selected sensor of a topic. Blocks. */
  public LastValues latest(String topic, Selector selector) {
    return core.unary().latest(topic, selector);
  }

  /** Returns the committed cursors of a topic's durable subscriptions. */
  public Cursors cursors(String topic) {
    return core.unary().cursors(topic);
  }

  /** Returns the topics and sensors of the server. */
  public Topics topics() {
    return core.unary();
  }

  /** Returns the description of the server. Blocks, with deadline and retries of the contract. */
  public GetServerInfoResponse serverInfo() {
    return core.unary().serverInfo();
  }

  /**
   * Stores one batch, for those who publish now and then. Blocks, within 5 s. With a producer and a
   * sequence it is repeated where that may help, and stored once whatever happens; after an
   * exception the same request may be repeated. Without them it is sent once, and after an
   * exception nothing is known.
   *
   * @throws WeirException with the tries that failed
   */
  public PublishResponse publish(PublishRequest request) {
    return core.unary().publish(request);
  }

  /**
   * Reads one page of readings, for polling. Blocks; the deadline is 5 s plus the request's {@code
   * wait}.
   */
  public ReadResponse read(ReadRequest request) {
    return core.unary().read(request);
  }

  /**
   * Drains all publishers and subscribers, then closes. Blocks.
   *
   * @return whether everything published was stored in time
   */
  public boolean drain(Duration timeout) {
    return core.drain(timeout);
  }

  /**
   * Closes all publishers (which drain, together for the close timeout) and subscribers.
   * Idempotent.
   */
  @Override
  public void close() {
    core.close();
  }
}
