package dev.weir.client;

import dev.weir.client.internal.ClientCore;
import dev.weir.v1.GetServerInfoResponse;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.ReadResponse;
import java.time.Duration;

/**
 * A client of one Weir server: the factory of publishers and subscribers, and the owner of their
 * threads and connections. Thread-safe; make one per server and keep it.
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

  /** A client with default options; {@code host:port} or any gRPC target. */
  public static WeirClient connect(String target) {
    return connect(ClientOptions.builder(target).build());
  }

  /** A client with these options. */
  public static WeirClient connect(ClientOptions options) {
    return new WeirClient(options);
  }

  /** A publisher with default options and a producer id made up by the server. */
  public Publisher publisher(String topic) {
    return publisher(PublisherOptions.of(topic));
  }

  /**
   * A new publisher. Returns at once; the session opens in the background.
   *
   * @throws WeirException CLOSED on a closed client; TOO_LARGE when the client has 256 publishers
   *     and subscribers open
   */
  public Publisher publisher(PublisherOptions options) {
    return core.publisher(options);
  }

  /**
   * Starts a subscription. Returns at once; the session opens in the background and the handler is
   * called on a thread of its own.
   *
   * @throws WeirException CLOSED on a closed client; TOO_LARGE when the client has 256 publishers
   *     and subscribers open
   */
  public Subscriber subscribe(SubscriberOptions options, ReadingHandler handler) {
    return core.subscribe(options, handler);
  }

  /** Topics and sensors of the server. */
  public Topics topics() {
    return core.topics();
  }

  /** What the server is. Blocks, with deadline and retries of the contract. */
  public GetServerInfoResponse serverInfo() {
    return core.serverInfo();
  }

  /**
   * One page of readings, for polling. Blocks; the deadline is 5 s plus the request's {@code wait}.
   */
  public ReadResponse read(ReadRequest request) {
    return core.read(request);
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
