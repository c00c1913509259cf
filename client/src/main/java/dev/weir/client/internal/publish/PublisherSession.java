package dev.weir.client.internal.publish;

import dev.weir.client.PublisherOptions;
import dev.weir.client.WeirException;
import dev.weir.client.internal.batch.BatchBounds;
import dev.weir.client.internal.batch.BatchFutures;
import dev.weir.client.internal.batch.PartitionBuffer;
import dev.weir.client.internal.batch.PublishBuffer;
import dev.weir.client.internal.connection.Backoff;
import dev.weir.client.internal.connection.EncodedMessage;
import dev.weir.client.internal.connection.GoingAwayTimers;
import dev.weir.client.internal.connection.PingMonitor;
import dev.weir.client.internal.connection.ReconnectPolicy;
import dev.weir.client.internal.connection.SessionContext;
import dev.weir.client.internal.connection.StreamingCall;
import dev.weir.client.internal.connection.StreamingMethods;
import dev.weir.client.internal.errors.ErrorTranslator;
import dev.weir.client.internal.metrics.ClientMetrics;
import dev.weir.client.internal.spool.SpoolAccess;
import dev.weir.client.internal.threads.ClientLoop;
import dev.weir.common.OwnedBy;
import dev.weir.v1.PartitionSequence;
import dev.weir.v1.Ping;
import dev.weir.v1.PublishOpen;
import dev.weir.v1.PublishOpened;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.Reject;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * One publisher's life over its links: connects, opens, replaces what broke, ends. Owned by the
 * loop; the methods for other threads are marked.
 */
@OwnedBy("loop")
final class PublisherSession implements StreamingCall.Events<PublishStreamResponse> {
  private static final int RESPONSES_AHEAD = 32;

  /**
   * The feature of a client that understands that nobody knows whether a batch is stored, and
   * continues with others.
   */
  private static final String OUTCOME_UNKNOWN = "outcome_unknown";

  private final SessionContext around;
  private final ClientLoop loop;
  private final PublisherOptions options;
  private final PublishBuffer intake;
  private final PublishCallbacks settlements;
  private final SpoolAccess spool;
  private final SpoolBatchSource spoolSource;
  private final BatchSender sender;
  private final ReconnectPolicy retry;
  private final GoingAwayTimers leaving;
  private final PingMonitor pings;
  private final AtomicBoolean wakeUnderWay = new AtomicBoolean();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  /** Identifies, with {@link #attempt}, the newest of this object's opens, however they travel. */
  private final long instance;

  private long attempt;
  private StreamingCall<PublishStreamResponse> link;
  private boolean opened;
  private boolean over;
  private WeirException overCause;
  private String producer;
  private long epoch;
  private String logId = "";
  private ClientLoop.Timer openTimer;
  private ClientLoop.Timer lookTimer;
  private long lookAtNanos;

  /**
   * A session that is not started.
   *
   * @param spool where batches come from; null: from the callers
   */
  PublisherSession(SessionContext around, PublisherOptions options, SpoolAccess spool) {
    this.around = around;
    this.loop = around.loop();
    this.options = options;
    this.producer = options.producerId();
    this.spool = spool;
    this.epoch = spool == null ? 0 : spool.epoch();
    this.intake =
        new PublishBuffer(options, loop::nanoTime, spool == null ? this::wake : this::wakeBoth);
    ClientMetrics telemetry = ClientMetrics.published(options.topic());
    this.settlements = new PublishCallbacks(around.callbacks(), intake, telemetry);
    Backoff retries = new Backoff(around.random());
    this.spoolSource =
        spool == null
            ? null
            : new SpoolBatchSource(
                spool, loop, intake, options, settlements, this::pump, this::fail);
    BatchSource source = spool == null ? new BufferBatchSource(intake, options) : spoolSource;
    this.sender = new BatchSender(loop, intake, settlements, options, source, retries);
    this.retry = new ReconnectPolicy(around);
    this.instance = spool == null ? around.newInstance() : spool.instance();
    this.attempt = spool == null ? 0 : spool.attemptsBefore();
    this.leaving = new GoingAwayTimers(loop);
    PublishStreamRequest ping =
        PublishStreamRequest.newBuilder().setPing(Ping.getDefaultInstance()).build();
    this.pings = new PingMonitor(loop, EncodedMessage.of(ping), this::onSilence);
  }

  PublishBuffer intake() {
    return intake;
  }

  PublishCallbacks settlements() {
    return settlements;
  }

  /** Completes when the session is over and user code has heard of everything. Thread-safe. */
  CompletableFuture<Void> ended() {
    return ended;
  }

  /**
   * Begins to work. Thread-safe.
   *
   * @param threads starts the thread of the spool, if there is one
   */
  void start(Consumer<Runnable> threads) {
    if (spool != null) {
      PartitionBuffer[] gathers = intake.open(1, BatchBounds.of(options));
      spool.start(intake, gathers[0], loop::nanoTime, threads, spoolSource);
    }
    loop.execute(this::connect);
  }

  /** There is something to take to the spool, or a sensor to define. */
  private void wakeBoth() {
    spool.wake();
    wake();
  }

  /** There is something to send. Thread-safe and cheap. */
  void wake() {
    if (wakeUnderWay.compareAndSet(false, true)) {
      loop.execute(
          () -> {
            wakeUnderWay.set(false);
            pump();
          });
    }
  }

  private void connect() {
    if (over) {
      return;
    }
    opened = false;
    link = new StreamingCall<>(retry.begin().streams(), StreamingMethods.PUBLISH, loop, this);
    link.start(RESPONSES_AHEAD);
    PublishOpen open =
        PublishOpen.newBuilder()
            .setTopic(options.topic())
            .setProducer(producer)
            .setEpoch(epoch)
            .setInstance(instance)
            .setAttempt(++attempt)
            .addFeatures(GoingAwayTimers.FEATURE)
            .addFeatures(PingMonitor.FEATURE)
            .addFeatures(OUTCOME_UNKNOWN)
            .setClient(around.options().clientName())
            .build();
    link.send(EncodedMessage.of(PublishStreamRequest.newBuilder().setOpen(open).build()));
    Duration timeout = around.options().openTimeout();
    openTimer = loop.schedule(() -> onOpenTimeout(timeout), timeout.toNanos());
  }

  private void onOpenTimeout(Duration timeout) {
    if (!opened && link != null) {
      breakOff(ErrorTranslator.unavailable("no session was opened within " + timeout));
    }
  }

  @Override
  public void onMessage(StreamingCall<PublishStreamResponse> from, PublishStreamResponse message) {
    if (over || from != link) {
      return;
    }
    from.request(1);
    pings.heard();
    guarded(() -> handle(message));
    pump();
  }

  private void handle(PublishStreamResponse message) {
    switch (message.getResponseCase()) {
      case OPENED -> onOpened(message.getOpened());
      case DEFINED -> sender.onDefined(message.getDefined());
      case ACK -> sender.onAck(message.getAck());
      case REJECT -> onReject(message);
      case OUTCOME_UNKNOWN -> sender.onOutcomeUnknown(message.getOutcomeUnknown());
      case GOING_AWAY -> leaving.plan(message.getGoingAway(), this::leave, this::onDeadline);
      case REFUSED -> onLost(ErrorTranslator.of(message.getRefused().getProblem()));
      default -> {
        // A client ignores responses it does not know (SubscribeService rule 13 holds here too).
      }
    }
  }

  /** A bug ends the session, not the process. */
  private void guarded(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      fail(ErrorTranslator.defect(e));
    }
  }

  private void onOpened(PublishOpened message) {
    openTimer.cancel();
    List<PartitionSequence> last = message.getLastSequencesList();
    if (!isComplete(last)) {
      breakOff(ErrorTranslator.internal("`opened` does not name every partition once"));
      return;
    }
    if (sender.isBegun()
        && (last.size() != sender.partitionCount() || isAnotherLog(message.getLogId()))) {
      fail(ErrorTranslator.replaced(options.topic()));
      return;
    }
    logId = message.getLogId().isEmpty() ? logId : message.getLogId();
    opened = true;
    producer = message.getProducer();
    epoch = message.getEpoch();
    retry.succeeded();
    pings.start(link, message.getPingInterval());
    settlements.postConnection(() -> options.listener().onConnected(message));
    if (sender.isBegun()) {
      sender.reopen(message);
    } else {
      sender.begin(message);
    }
  }

  /** An older server does not report its log. */
  private boolean isAnotherLog(String present) {
    return !logId.isEmpty() && !present.isEmpty() && !present.equals(logId);
  }

  private static boolean isComplete(List<PartitionSequence> last) {
    BitSet seen = new BitSet();
    last.stream()
        .mapToInt(PartitionSequence::getPartition)
        .filter(partition -> partition >= 0 && partition < last.size())
        .forEach(seen::set);
    return !last.isEmpty() && seen.cardinality() == last.size();
  }

  private void onReject(PublishStreamResponse message) {
    WeirException cause = ErrorTranslator.of(message.getReject().getProblem());
    if (ErrorTranslator.isTakenOver(cause)) {
      fail(cause);
    } else if (!sender.onReject(message.getReject())) {
      Reject reject = message.getReject();
      breakOff(
          ErrorTranslator.unavailable(
              String.format(
                  "The server expects sequence %d of partition %d, and rejected sequence %d, which"
                      + " lies before it. The client opens the session again.",
                  reject.getExpectedSequence(), reject.getPartition(), reject.getSequence())));
    }
  }

  @Override
  public void onReady(StreamingCall<PublishStreamResponse> from) {
    if (from == link) {
      pump();
    }
  }

  @Override
  public void onClosed(StreamingCall<PublishStreamResponse> from, WeirException cause) {
    if (from == link) {
      onLost(cause != null ? cause : ErrorTranslator.unavailable("the server ended the session"));
    }
  }

  /**
   * Leaves the link: sent batches are still answered there; everything else goes over the next
   * link.
   */
  private void leave() {
    pings.stop();
    if (link != null) {
      link.halfClose();
    }
  }

  private void onSilence() {
    if (link != null) {
      breakOff(ErrorTranslator.unavailable(PingMonitor.SILENT));
    }
  }

  private void onDeadline() {
    if (link != null) {
      breakOff(leaving.cause());
    }
  }

  private void breakOff(WeirException cause) {
    link.abandon(cause.reason());
    onLost(cause);
  }

  private void onLost(WeirException found) {
    if (over) {
      return;
    }
    WeirException cause = spool == null ? found : spool.explained(found);
    link.abandon(cause.reason());
    link = null;
    opened = false;
    openTimer.cancel();
    boolean planned = leaving.isBegun() && !ErrorTranslator.isTakenOver(cause);
    WeirException told = planned ? leaving.cause() : cause;
    leaving.forget();
    pings.stop();
    WeirException last = planned ? null : retry.failed(cause);
    if (last != null) {
      fail(last);
      return;
    }
    Duration wait = planned ? retry.plannedWait(told) : retry.nextWait(told);
    retry.schedule(wait, this::connect);
    settlements.postConnection(() -> options.listener().onDisconnected(told, wait));
  }

  private void pump() {
    if (opened && !over && !leaving.isBegun()) {
      guarded(this::send);
    }
  }

  private void send() {
    long next = sender.pump(link);
    if (next != Long.MAX_VALUE && (lookTimer == null || next - lookAtNanos < 0)) {
      if (lookTimer != null) {
        lookTimer.cancel();
      }
      lookAtNanos = next;
      lookTimer = loop.schedule(this::onLookTimer, Math.max(0, next - loop.nanoTime()));
    }
  }

  private void onLookTimer() {
    lookTimer = null;
    pump();
  }

  /** Sends what is gathering; see {@link dev.weir.client.Publisher#flush}. Thread-safe. */
  CompletableFuture<Void> flush() {
    if (spool != null) {
      return spool.flush();
    }
    CompletableFuture<Void> result = new CompletableFuture<>();
    if (ended.isDone()) {
      result.completeExceptionally(intake.ended());
      return result;
    }
    loop.execute(
        () -> {
          if (over) {
            // On the callback thread, as all that users hear.
            settlements.post(() -> result.completeExceptionally(overCause));
            return;
          }
          CompletableFuture<?>[] settled =
              sender.flush().stream()
                  .map(BatchFutures::settled)
                  .toArray(CompletableFuture<?>[]::new);
          pump();
          CompletableFuture<Void> all = CompletableFuture.allOf(settled);
          // After everything that is settled already, and on the callback thread.
          settlements.post(
              () ->
                  all.whenComplete(
                      (nothing, failure) -> {
                        if (failure == null) {
                          result.complete(null);
                        } else {
                          result.completeExceptionally(unwrap(failure));
                        }
                      }));
        });
    return result;
  }

  private static Throwable unwrap(Throwable failure) {
    return failure.getCause() instanceof WeirException cause ? cause : failure;
  }

  /** Ends the session as planned; what is not stored fails. Thread-safe, idempotent. */
  void close(WeirException cause) {
    loop.execute(
        () -> {
          if (!over && link != null && opened && sender.flush().isEmpty()) {
            link.halfClose();
            link = null;
          }
          fail(cause);
        });
  }

  private void fail(WeirException cause) {
    if (over) {
      return;
    }
    over = true;
    overCause = cause;
    if (link != null) {
      link.abandon(cause.reason());
      link = null;
    }
    if (openTimer != null) {
      openTimer.cancel();
    }
    if (lookTimer != null) {
      lookTimer.cancel();
    }
    retry.cancel();
    leaving.forget();
    pings.stop();
    intake.end(cause);
    sender.fail(cause);
    if (spool == null) {
      settlements.post(() -> ended.complete(null));
    } else {
      spool.end(cause);
      spool.over().thenRun(() -> settlements.post(() -> ended.complete(null)));
    }
  }
}
