package dev.weir.client.internal.reconnect;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.client.End;
import dev.weir.client.ReadingHandler;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirException;
import dev.weir.client.internal.Errors;
import dev.weir.client.internal.OwnedBy;
import dev.weir.client.internal.Telemetry;
import dev.weir.client.internal.decode.DeliveryDecoder;
import dev.weir.client.internal.decode.SensorMap;
import dev.weir.client.internal.link.Link;
import dev.weir.v1.EndReason;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.SubscriptionEnd;
import dev.weir.v1.SubscriptionStatus;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;

/**
 * Takes what arrives and hands it to the user, in order, and knows the cursor behind it. Owned by
 * the subscriber's thread, which runs it; offering, stopping and the getters are thread-safe.
 */
@OwnedBy("subscriber thread")
final class Handover implements Runnable {
  /** Messages come only as they are requested; the rest is room for events. */
  private static final int QUEUE_MAX = SubscribeSession.MESSAGES_AHEAD + 16;

  private static final int REQUEST_EVERY = SubscribeSession.MESSAGES_AHEAD / 4;

  private final SubscriberOptions options;
  private final ReadingHandler handler;
  private final Telemetry telemetry;
  private final BlockingQueue<Inbound> queue = new ArrayBlockingQueue<>(QUEUE_MAX);
  private final CompletableFuture<End> completion = new CompletableFuture<>();
  private final SensorMap sensors = new SensorMap();
  private final DeliveryDecoder decoder = new DeliveryDecoder(sensors);
  private final CreditWindow credit;

  private SubscribeSession session;
  private int handled;
  private EndReason endReason;
  private Throwable failure;

  private volatile String cursor = "";
  private volatile long readingsDelivered;
  private volatile boolean stopping;

  Handover(SubscriberOptions options, ReadingHandler handler) {
    this.options = options;
    this.handler = handler;
    this.telemetry = Telemetry.delivered(options.topic());
    this.credit = new CreditWindow(options.creditReadings(), options.creditBytes());
  }

  /** Before the thread starts. */
  void use(SubscribeSession theSession) {
    session = theSession;
  }

  void offer(Inbound inbound) {
    if (!queue.offer(inbound)) {
      throw new IllegalStateException("more arrived than was requested: " + QUEUE_MAX);
    }
  }

  void stop() {
    stopping = true;
    // A full queue needs no mark: the thread looks at the flag before it takes the next one.
    boolean marked = queue.offer(new Inbound.Stopped());
    assert marked || !queue.isEmpty();
  }

  String cursor() {
    return cursor;
  }

  long readingsDelivered() {
    return readingsDelivered;
  }

  CompletableFuture<End> completion() {
    return completion;
  }

  @Override
  public void run() {
    session.connect("", options.until().getCount());
    try {
      while (endReason == null && failure == null) {
        Inbound next = queue.take();
        if (stopping) {
          endReason = EndReason.END_REASON_REMOVED;
        } else {
          handle(next);
        }
      }
    } catch (InterruptedException e) {
      failure = Errors.closed("the interrupted subscriber");
    } catch (RuntimeException | Error e) {
      // Whatever the user's code throws belongs to the user, at the last finished position.
      failure = e;
    }
    session.close();
    if (failure != null) {
      completion.completeExceptionally(failure);
    } else {
      completion.complete(new End(endReason, cursor));
    }
  }

  private void handle(Inbound inbound) {
    if (inbound instanceof Inbound.Response response) {
      onResponse(response.bytes(), response.from());
      if (++handled % REQUEST_EVERY == 0) {
        response.from().request(REQUEST_EVERY);
      }
    } else if (inbound instanceof Inbound.Broken broken) {
      onBroken(broken);
    } else if (inbound instanceof Inbound.Failed failed) {
      failure = failed.cause();
    } else if (inbound instanceof Inbound.Stopped) {
      endReason = EndReason.END_REASON_REMOVED;
    }
  }

  private void onBroken(Inbound.Broken broken) {
    handled = 0;
    credit.restart();
    long count = options.until().getCount();
    if (count > 0 && readingsDelivered >= count) {
      endReason = EndReason.END_REASON_UNTIL_REACHED;
      return;
    }
    options.listener().onDisconnected(broken.cause(), broken.retryIn());
    session.reconnect(broken.retryIn(), cursor, count == 0 ? 0 : count - readingsDelivered);
  }

  private void onResponse(byte[] bytes, Link<byte[]> from) {
    if (DeliveryDecoder.isDelivery(bytes)) {
      onDelivery(bytes, from);
      return;
    }
    SubscribeResponse response;
    try {
      response = SubscribeResponse.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      session.breakOff(Errors.internal("the server sent what is no SubscribeResponse"));
      return;
    }
    switch (response.getResponseCase()) {
      case STATUS -> onStatus(response.getStatus());
      case SENSORS -> sensors.announce(response.getSensors());
      case PHASE -> {
        moveTo(response.getPhase().getCursor());
        options.listener().onPhase(response.getPhase());
      }
      case PROGRESS -> {
        moveTo(response.getProgress().getCursor());
        options.listener().onProgress(response.getProgress());
      }
      case GAP -> {
        moveTo(response.getGap().getToCursor());
        options.listener().onGap(response.getGap());
      }
      case END -> onEnd(response.getEnd());
      case REFUSED -> onProblem(Errors.of(response.getRefused().getProblem()));
      default -> {
        // Rule 13 of SubscribeService: a client ignores responses it does not know.
      }
    }
  }

  private void onDelivery(byte[] bytes, Link<byte[]> from) {
    long before = readingsDelivered;
    decoder.deliver(
        bytes,
        handler,
        rowCursor -> {
          moveTo(rowCursor);
          readingsDelivered = before + decoder.readings();
        });
    readingsDelivered = before + decoder.readings();
    moveTo(decoder.cursor());
    handler.onBatch(decoder.cursor());
    telemetry.count(decoder.readings());
    if (credit.charge(decoder.chargedReadings(), decoder.chargedBytes())) {
      session.grant(from, credit.readings(), credit.bytes());
    }
  }

  private void onStatus(SubscriptionStatus status) {
    if (status.hasProblem()) {
      onProblem(Errors.of(status.getProblem()));
      return;
    }
    moveTo(status.getStartCursor());
    options.listener().onActive(status);
  }

  private void onEnd(SubscriptionEnd end) {
    moveTo(end.getCursor());
    if (end.getReason() == EndReason.END_REASON_FAILED) {
      onProblem(Errors.of(end.getProblem()));
    } else {
      endReason = end.getReason();
    }
  }

  private void onProblem(WeirException cause) {
    if (Errors.mayReconnect(cause)) {
      session.breakOff(cause);
    } else {
      failure = cause;
    }
  }

  private void moveTo(String newCursor) {
    if (!newCursor.isEmpty()) {
      cursor = newCursor;
    }
  }
}
