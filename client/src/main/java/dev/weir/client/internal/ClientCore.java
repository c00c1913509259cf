package dev.weir.client.internal;

import dev.weir.client.AsyncReadingHandler;
import dev.weir.client.ClientOptions;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherOptions;
import dev.weir.client.ReadingHandler;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirException;
import dev.weir.client.internal.batch.UploadBatcher;
import dev.weir.client.internal.connection.NettyServerChannels;
import dev.weir.client.internal.connection.RetryBudget;
import dev.weir.client.internal.connection.ServerChannels;
import dev.weir.client.internal.connection.ServerSelector;
import dev.weir.client.internal.connection.SessionContext;
import dev.weir.client.internal.errors.ErrorTranslator;
import dev.weir.client.internal.publish.StreamPublisher;
import dev.weir.client.internal.spool.SpoolAccess;
import dev.weir.client.internal.subscribe.FlowSubscription;
import dev.weir.client.internal.subscribe.StreamSubscriber;
import dev.weir.client.internal.threads.ClientThreads;
import dev.weir.client.internal.unary.CursorCalls;
import dev.weir.client.internal.unary.UnaryCalls;
import dev.weir.client.internal.unary.UnaryRetry;
import dev.weir.client.internal.unary.UploadStream;
import dev.weir.common.file.NioDataFiles;
import dev.weir.v1.Reading;
import dev.weir.v1.UploadOpen;
import dev.weir.v1.UploadResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The wiring of one client, and the list of what is open. Thread-safe; its lock guards the list.
 */
public final class ClientCore implements AutoCloseable {
  private final ClientOptions options;
  private final ClientThreads runtime;
  private final ServerSelector servers;
  private final RetryBudget budget;
  private final UnaryRetry retry;
  private final UnaryCalls unary;

  private final Set<StreamPublisher> publishers = new HashSet<>();
  private final Set<StreamSubscriber> subscribers = new HashSet<>();
  private boolean closed;

  ClientCore(ClientOptions options, ClientThreads runtime, ServerSelector servers) {
    this.options = options;
    this.runtime = runtime;
    this.servers = servers;
    this.budget = new RetryBudget(options.retriesPerMinuteMax(), runtime.loop().nanoTime());
    this.retry =
        new UnaryRetry(servers, runtime.loop(), budget, runtime.random(), runtime::epochNanos);
    this.unary = new UnaryCalls(retry);
  }

  /**
   * A client over plaintext Netty connections.
   *
   * @throws IllegalArgumentException where a target cannot be one
   */
  public static ClientCore open(ClientOptions options) {
    return open(options, NettyServerChannels::new);
  }

  /** The same over connections that are made otherwise; nothing stays open where that throws. */
  static ClientCore open(
      ClientOptions options, BiFunction<String, ClientThreads, ServerChannels> connections) {
    ClientThreads runtime = new ClientThreads(options.backoffSeed());
    try {
      ServerSelector servers =
          ServerSelector.of(
              options.targets(),
              runtime.random(),
              runtime.loop(),
              target -> connections.apply(target, runtime));
      return new ClientCore(options, runtime, servers);
    } catch (RuntimeException | Error e) {
      runtime.close();
      throw e;
    }
  }

  /** See {@link dev.weir.client.WeirClient#publisher(PublisherOptions)}. */
  public Publisher publisher(PublisherOptions publisherOptions) {
    SpoolAccess spool =
        publisherOptions.spool().isEmpty()
            ? null
            : SpoolAccess.open(new NioDataFiles(), publisherOptions, surroundings().newInstance());
    StreamPublisher publisher = admit(publisherOptions, spool);
    publisher.ended().thenRun(() -> forget(publishers, publisher));
    return publisher;
  }

  private StreamPublisher admit(PublisherOptions publisherOptions, SpoolAccess spool) {
    try {
      return admit(
          publishers,
          () ->
              StreamPublisher.open(
                  surroundings(),
                  publisherOptions,
                  runtime::epochNanos,
                  spool,
                  runtime::startSpool));
    } catch (RuntimeException | Error e) {
      if (spool != null) {
        spool.abandon();
      }
      throw e;
    }
  }

  /** See {@link dev.weir.client.WeirClient#subscribe}. */
  public Subscriber subscribe(SubscriberOptions subscription, ReadingHandler handler) {
    return admit(
        () -> StreamSubscriber.open(surroundings(), subscription, handler, commitOf(subscription)));
  }

  /** See {@link dev.weir.client.WeirClient#subscribeAsync}. */
  public Subscriber subscribe(SubscriberOptions subscription, AsyncReadingHandler handler) {
    return admit(
        () -> StreamSubscriber.open(surroundings(), subscription, handler, commitOf(subscription)));
  }

  /** See {@link dev.weir.client.WeirClient#readings}. */
  public Flow.Publisher<Reading> readings(SubscriberOptions subscription) {
    return to ->
        FlowSubscription.start(
            Objects.requireNonNull(to, "subscriber"),
            flow ->
                admit(
                    () ->
                        StreamSubscriber.open(
                            surroundings(), subscription, flow, commitOf(subscription))));
  }

  private Function<String, CompletableFuture<String>> commitOf(SubscriberOptions subscription) {
    CursorCalls cursors = unary.cursors(subscription.topic());
    return cursor -> cursors.commitAsync(subscription.subscription().getName(), cursor);
  }

  private StreamSubscriber admit(Supplier<StreamSubscriber> open) {
    StreamSubscriber subscriber = admit(subscribers, open);
    subscriber.ended().thenRun(() -> forget(subscribers, subscriber));
    return subscriber;
  }

  private SessionContext surroundings() {
    return new SessionContext(
        options,
        runtime.loop(),
        servers,
        budget,
        runtime.callbacks(),
        runtime::startSubscriber,
        runtime.random(),
        runtime::epochNanos);
  }

  private synchronized <T> T admit(Set<T> list, Supplier<T> open) {
    if (closed) {
      throw ErrorTranslator.closed("the client");
    }
    if (publishers.size() + subscribers.size() >= ClientThreads.SESSIONS_MAX) {
      throw ErrorTranslator.limitReached(
          ClientThreads.SESSIONS_MAX
              + " publishers and subscribers are open, the most of one client. Close some, or use"
              + " one more client.");
    }
    T opened = open.get();
    list.add(opened);
    return opened;
  }

  private synchronized <T> void forget(Set<T> list, T ended) {
    list.remove(ended);
  }

  /** The calls of one answer, the catalogue's among them. */
  public UnaryCalls unary() {
    return unary;
  }

  /** See {@link dev.weir.client.WeirClient#upload}. */
  public UploadResponse upload(String topic, String producerId, Iterable<Reading> readings) {
    int partitionCount = unary.getTopic(topic).getPartitionCount();
    boolean numbered = !producerId.isEmpty();
    UploadOpen open =
        UploadOpen.newBuilder()
            .setTopic(topic)
            .setProducer(producerId)
            .setClient(options.clientName())
            .build();
    ServerChannels server = servers.present();
    try {
      return UploadStream.run(
          server.streams(),
          runtime.loop(),
          open,
          new UploadBatcher(readings.iterator(), partitionCount, numbered));
    } catch (WeirException e) {
      if (ErrorTranslator.mayReconnect(e)) {
        servers.leave(server);
      }
      throw e;
    }
  }

  /** See {@link dev.weir.client.WeirClient#drain}. */
  public boolean drain(Duration timeout) {
    long waitMax = Math.min(TimeUnit.NANOSECONDS.convert(timeout), Long.MAX_VALUE / 2);
    long deadline = runtime.loop().nanoTime() + waitMax;
    boolean stored = true;
    for (StreamPublisher publisher : openPublishers()) {
      stored &= publisher.drain(left(deadline));
    }
    List<StreamSubscriber> draining = openSubscribers();
    draining.forEach(StreamSubscriber::beginDrain);
    draining.forEach(subscriber -> subscriber.drain(left(deadline)));
    shutDown();
    return stored;
  }

  private Duration left(long deadlineNanos) {
    return Duration.ofNanos(Math.max(0, deadlineNanos - runtime.loop().nanoTime()));
  }

  private synchronized List<StreamPublisher> openPublishers() {
    closed = true;
    return List.copyOf(publishers);
  }

  private synchronized List<StreamSubscriber> openSubscribers() {
    return List.copyOf(subscribers);
  }

  @Override
  public void close() {
    long deadline = runtime.loop().nanoTime() + options.closeTimeout().toNanos();
    openPublishers().forEach(publisher -> publisher.close(left(deadline)));
    openSubscribers().forEach(StreamSubscriber::close);
    shutDown();
  }

  private void shutDown() {
    retry.close();
    servers.close();
    runtime.close();
  }
}
