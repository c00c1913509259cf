package dev.weir.client.internal.subscribe;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.client.End;
import dev.weir.client.SubscriberListener;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirException;
import dev.weir.client.internal.connection.StreamingCall;
import dev.weir.client.internal.decode.DeliveryDecoder;
import dev.weir.client.internal.decode.SensorMap;
import dev.weir.client.internal.errors.ErrorTranslator;
import dev.weir.client.internal.metrics.ClientMetrics;
import dev.weir.common.OwnedBy;
import dev.weir.v1.EndReason;
import dev.weir.v1.Phase;
import dev.weir.v1.PhaseChange;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.SubscriptionEnd;
import dev.weir.v1.SubscriptionStatus;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/**
 * Takes what arrives and hands it to the user, in order, and knows the cursor after it. Owned by
 * the subscriber's thread, which runs it; offering, waking, stopping and the getters are
 * thread-safe.
 */
@OwnedBy("subscriber thread")
final class DeliveryDispatcher implements Runnable {
  /** Messages come only as they are requested; the rest is room for events. */
  private static final int QUEUE_MAX = SubscriberSession.MESSAGES_AHEAD + 16;

  private static final int REQUEST_EVERY = SubscriberSession.MESSAGES_AHEAD / 4;

  private final HandlerAdapter target;
  private final SubscriberListener listener;
  private final boolean commitsByClock;
  private final Function<String, CompletableFuture<String>> commit;
  private final ClientMetrics telemetry;
  private final SubscriberEventQueue inbox = new SubscriberEventQueue(QUEUE_MAX);
  private final CompletableFuture<End> completion = new CompletableFuture<>();
  private final SensorMap sensors = new SensorMap();
  private final DeliveryDecoder decoder = new DeliveryDecoder(sensors);
  private final CreditLedger credit;
  private final CommitQueue commits = new CommitQueue();
  private final ResumePosition position;
  private final UnfinishedDeliveries unfinished;

  private SubscriberSession session;
  private CommitScheduler commitCalls;
  private StreamingCall<byte[]> givenUp;
  private int handled;
  private EndReason endReason;
  private Throwable failure;

  private volatile long readingsDelivered;
  private volatile boolean stopping;

  /**
   * A handover that is not running yet.
   *
   * @param commit commits a cursor of the subscription, within a deadline
   */
  DeliveryDispatcher(
      SubscriberOptions options,
      HandlerAdapter target,
      CreditLedger credit,
      Function<String, CompletableFuture<String>> commit) {
    this.target = target;
    this.listener = options.listener();
    this.commitsByClock = !options.commitEvery().isZero();
    this.commit = commit;
    this.telemetry = ClientMetrics.delivered(options.topic());
    this.credit = credit;
    this.position = new ResumePosition(options.subscription());
    this.unfinished = new UnfinishedDeliveries(target.inFlightMax(), credit, inbox::wake);
  }

  /** Before the thread starts. */
  void use(SubscriberSession theSession, CommitScheduler theCommitCalls) {
    session = theSession;
    commitCalls = theCommitCalls;
  }

  void offer(SubscriberEvent inbound) {
    inbox.offer(inbound);
  }

  /** Wakes the thread, because something has changed besides the arrivals. */
  void wake() {
    inbox.wake();
  }

  void stop() {
    stopping = true;
    inbox.wake();
  }

  /** Returns the position after what is finished. */
  String cursor() {
    return unfinished.finishedCursor();
  }

  long readingsDelivered() {
    return readingsDelivered;
  }

  CreditLedger credit() {
    return credit;
  }

  CommitQueue commits() {
    return commits;
  }

  CompletableFuture<End> completion() {
    return completion;
  }

  @Override
  public void run() {
    session.connect(position.next());
    commitCalls.start();
    try {
      while (failure == null && !(endReason != null && unfinished.isEmpty())) {
        SubscriberEvent next = inbox.take(endReason == null && !unfinished.isFull());
        if (stopping) {
          endReason = EndReason.END_REASON_REMOVED;
          break;
        }
        if (next == null) {
          lookAround();
        } else {
          handle(next);
        }
      }
    } catch (InterruptedException e) {
      failure = ErrorTranslator.closed("the interrupted subscriber");
    } catch (RuntimeException | Error e) {
      // Whatever the user's code throws belongs to the user, at the last finished position.
      failure = e;
    }
    unfinished.settle();
    session.close();
    commitCalls.close();
    commitTheRest();
    if (failure != null) {
      completion.completeExceptionally(failure);
    } else {
      completion.complete(new End(endReason, cursor()));
    }
  }

  private void commitTheRest() {
    if (!stopping) {
      boolean gone = endReason == EndReason.END_REASON_TOPIC_DELETED;
      String finished = commitsByClock && !gone ? cursor() : "";
      WeirException left = commits.finish(finished, this::commitNow);
      failure = failure == null ? left : failure;
    }
    commits.abandon(ErrorTranslator.closed("the subscriber"));
  }

  private String commitNow(String cursor) {
    try {
      return commit.apply(cursor).join();
    } catch (CompletionException e) {
      throw ErrorTranslator.ofCall(e.getCause());
    }
  }

  private void handle(SubscriberEvent inbound) {
    if (inbound instanceof SubscriberEvent.Response response) {
      if (response.from() == givenUp) {
        return; // what follows the failure only follows from it
      }
      onResponse(response.bytes(), response.from());
      if (++handled % REQUEST_EVERY == 0) {
        response.from().request(REQUEST_EVERY);
      }
    } else if (inbound instanceof SubscriberEvent.Broken broken) {
      onBroken(broken);
    } else if (inbound instanceof SubscriberEvent.Failed failed) {
      failure = failed.cause();
    } else if (inbound instanceof SubscriberEvent.Stopped) {
      endReason = EndReason.END_REASON_REMOVED;
    }
  }

  private void lookAround() {
    target.woken();
    settle();
    CommitQueue.Answer answer = commits.takeAnswer();
    if (answer == null) {
      return;
    }
    CommitQueue.tell(answer);
    if (answer.failure() == null) {
      listener.onCommitted(answer.cursor());
    } else if (answer.byClock() && !isTopicGone(answer.failure())) {
      failure = answer.failure();
    }
    commitCalls.next();
  }

  /** Then its end is among what has arrived, or the next session is refused. */
  private static boolean isTopicGone(WeirException refused) {
    return refused.code() == Status.Code.NOT_FOUND.value();
  }

  private void settle() {
    if (unfinished.settle()) {
      session.grant();
    }
    failure = failure == null ? unfinished.failure() : failure;
  }

  private void onBroken(SubscriberEvent.Broken broken) {
    handled = 0;
    if (position.isUntilReached()) {
      endReason = EndReason.END_REASON_UNTIL_REACHED;
      return;
    }
    listener.onDisconnected(broken.cause(), broken.retryIn());
    session.reconnect(broken.retryIn(), position.next());
  }

  private void onResponse(byte[] bytes, StreamingCall<byte[]> from) {
    if (DeliveryDecoder.isDelivery(bytes)) {
      onDelivery(bytes);
      return;
    }
    SubscribeResponse response;
    try {
      response = SubscribeResponse.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      giveUp(from, ErrorTranslator.internal("the server sent what is no SubscribeResponse"));
      return;
    }
    switch (response.getResponseCase()) {
      case STATUS -> onStatus(response.getStatus(), from);
      case SENSORS -> sensors.announce(response.getSensors());
      case PHASE -> onPhase(response.getPhase());
      case PROGRESS -> {
        listener.onProgress(response.getProgress());
        moveTo(response.getProgress().getCursor());
      }
      case GAP -> {
        listener.onGap(response.getGap());
        moveTo(response.getGap().getToCursor());
      }
      case END -> onEnd(response.getEnd(), from);
      case REFUSED -> onProblem(ErrorTranslator.of(response.getRefused().getProblem()), from);
      default -> {
        // Rule 13 of SubscribeService: a client ignores responses it does not know.
      }
    }
  }

  private void onDelivery(byte[] bytes) {
    long before = readingsDelivered;
    boolean finishesEach = target.inFlightMax() == 0;
    decoder.deliver(
        bytes,
        target.begin(),
        rowCursor -> {
          if (finishesEach) {
            moveTo(rowCursor);
            readingsDelivered = before + decoder.readings();
          }
        });
    readingsDelivered = before + decoder.readings();
    String cursor = position.moveTo(decoder.cursor());
    position.count(decoder.readings(), decoder.cursor());
    unfinished.add(
        target.delivered(decoder.cursor()),
        cursor,
        decoder.chargedReadings(),
        decoder.chargedBytes());
    telemetry.count(decoder.readings());
    settle();
  }

  private void onStatus(SubscriptionStatus status, StreamingCall<byte[]> from) {
    if (status.hasProblem()) {
      onProblem(ErrorTranslator.of(status.getProblem()), from);
      return;
    }
    moveTo(status.getStartCursor());
    listener.onActive(status);
  }

  private void onPhase(PhaseChange phase) {
    listener.onPhase(phase);
    if (phase.getPhase() == Phase.PHASE_SNAPSHOT_END) {
      position.completeSnapshot();
    }
    moveTo(phase.getCursor());
  }

  private void onEnd(SubscriptionEnd end, StreamingCall<byte[]> from) {
    moveTo(end.getCursor());
    if (end.getReason() == EndReason.END_REASON_FAILED) {
      onProblem(ErrorTranslator.of(end.getProblem()), from);
    } else {
      endReason = end.getReason();
    }
  }

  private void onProblem(WeirException cause, StreamingCall<byte[]> from) {
    if (ErrorTranslator.mayReconnect(cause)) {
      giveUp(from, cause);
    } else {
      failure = cause;
    }
  }

  private void giveUp(StreamingCall<byte[]> from, WeirException cause) {
    givenUp = from;
    session.breakOff(cause);
  }

  private void moveTo(String newCursor) {
    unfinished.pass(position.moveTo(newCursor));
  }
}
