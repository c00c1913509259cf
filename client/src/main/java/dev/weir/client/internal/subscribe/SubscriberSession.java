package dev.weir.client.internal.subscribe;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.client.WeirException;
import dev.weir.client.internal.connection.EncodedMessage;
import dev.weir.client.internal.connection.GoingAwayTimers;
import dev.weir.client.internal.connection.PingMonitor;
import dev.weir.client.internal.connection.ReconnectPolicy;
import dev.weir.client.internal.connection.SessionContext;
import dev.weir.client.internal.connection.StreamingCall;
import dev.weir.client.internal.connection.StreamingMethods;
import dev.weir.client.internal.errors.ErrorTranslator;
import dev.weir.client.internal.threads.ClientLoop;
import dev.weir.common.OwnedBy;
import dev.weir.v1.GrantCredit;
import dev.weir.v1.Ping;
import dev.weir.v1.Remove;
import dev.weir.v1.SubscribeOpen;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import java.time.Duration;

/**
 * One subscription's life over its links. Owned by the loop; every method but the callbacks may be
 * called from any thread and only posts.
 */
@OwnedBy("loop")
final class SubscriberSession implements StreamingCall.Events<byte[]> {
  /** Messages that may arrive before the handler has finished with earlier ones. */
  static final int MESSAGES_AHEAD = 64;

  private static final int SUBSCRIPTION_ID = 1;
  private static final byte OPENED_TAG = SubscribeResponse.OPENED_FIELD_NUMBER << 3 | 2;
  private static final byte PONG_TAG = SubscribeResponse.PONG_FIELD_NUMBER << 3 | 2;
  private static final byte GOING_AWAY_TAG = SubscribeResponse.GOING_AWAY_FIELD_NUMBER << 3 | 2;

  /** The longest time that a server may take to end a session that has no subscription any more. */
  private static final long RETIREMENT_NANOS = 2_000_000_000L;

  private final SessionContext around;
  private final ClientLoop loop;
  private final DeliveryDispatcher handover;
  private final CreditLedger credit;
  private final ReconnectPolicy retry;
  private final GoingAwayTimers leaving;
  private final PingMonitor pings;

  private StreamingCall<byte[]> link;
  private boolean opened;
  private boolean over;
  private boolean removing;
  private ClientLoop.Timer openTimer;

  SubscriberSession(SessionContext around, DeliveryDispatcher handover) {
    this.around = around;
    this.loop = around.loop();
    this.handover = handover;
    this.credit = handover.credit();
    this.retry = new ReconnectPolicy(around);
    this.leaving = new GoingAwayTimers(loop);
    SubscribeRequest ping =
        SubscribeRequest.newBuilder().setPing(Ping.getDefaultInstance()).build();
    this.pings =
        new PingMonitor(
            loop,
            EncodedMessage.of(ping),
            () -> breakOff(ErrorTranslator.unavailable(PingMonitor.SILENT)));
  }

  /** Opens a link for the subscription, which lacks only its credit and number. */
  void connect(Subscription subscription) {
    loop.execute(() -> connectNow(subscription));
  }

  /** The same, after the back-off of {@link SubscriberEvent.Broken}. */
  void reconnect(Duration wait, Subscription subscription) {
    loop.execute(() -> retry.schedule(wait, () -> connectNow(subscription)));
  }

  private void connectNow(Subscription subscription) {
    if (over || removing) {
      return;
    }
    opened = false;
    link = new StreamingCall<>(retry.begin().streams(), StreamingMethods.SUBSCRIBE, loop, this);
    link.start(MESSAGES_AHEAD);
    SubscribeOpen open =
        SubscribeOpen.newBuilder()
            .setClient(around.options().clientName())
            .addFeatures(GoingAwayTimers.FEATURE)
            .addFeatures(PingMonitor.FEATURE)
            .addSubscriptions(
                subscription.toBuilder().setId(SUBSCRIPTION_ID).setCredit(credit.open()))
            .build();
    link.send(EncodedMessage.of(SubscribeRequest.newBuilder().setOpen(open).build()));
    Duration timeout = around.options().openTimeout();
    openTimer = loop.schedule(() -> onOpenTimeout(timeout), timeout.toNanos());
  }

  private void onOpenTimeout(Duration timeout) {
    if (!opened && link != null) {
      onLost(ErrorTranslator.unavailable("no session was opened within " + timeout));
    }
  }

  @Override
  public void onMessage(StreamingCall<byte[]> from, byte[] message) {
    if (from != link) {
      return;
    }
    pings.heard();
    if (!opened) {
      opened = true;
      openTimer.cancel();
      retry.succeeded();
    }
    if (!isOurs(message)) {
      handover.offer(new SubscriberEvent.Response(message, from));
      return;
    }
    from.request(1);
    try {
      handle(SubscribeResponse.parseFrom(message));
    } catch (InvalidProtocolBufferException malformed) {
      onLost(ErrorTranslator.internal("the server sent what is no SubscribeResponse"));
    }
  }

  /** Returns whether a message concerns the link and not the subscription, by its first byte. */
  private static boolean isOurs(byte[] message) {
    return message.length > 0
        && (message[0] == GOING_AWAY_TAG || message[0] == PONG_TAG || message[0] == OPENED_TAG);
  }

  private void handle(SubscribeResponse message) {
    if (message.hasGoingAway()) {
      leaving.plan(message.getGoingAway(), this::leave, this::leave);
    } else if (message.hasOpened()) {
      pings.start(link, message.getOpened().getPingInterval());
    }
  }

  /** Leaves the link: arrivals are handled first; the next link continues after them. */
  private void leave() {
    if (link != null && !removing) {
      onLost(leaving.cause());
    }
  }

  @Override
  public void onReady(StreamingCall<byte[]> from) {
    // Requests are few and small; nothing waits for readiness.
  }

  @Override
  public void onClosed(StreamingCall<byte[]> from, WeirException cause) {
    if (from == link) {
      onLost(cause != null ? cause : ErrorTranslator.unavailable("the server ended the session"));
    }
  }

  private void onLost(WeirException cause) {
    boolean planned = leaving.isBegun();
    leaving.forget();
    dismiss(cause.reason());
    if (over) {
      return;
    }
    if (removing) {
      over = true;
      handover.offer(new SubscriberEvent.Stopped());
      return;
    }
    if (planned) {
      handover.offer(new SubscriberEvent.Broken(cause, retry.plannedWait(cause)));
      return;
    }
    WeirException last = retry.failed(cause);
    if (last != null) {
      over = true;
      handover.offer(new SubscriberEvent.Failed(last));
    } else {
      handover.offer(new SubscriberEvent.Broken(cause, retry.nextWait(cause)));
    }
  }

  /** Ends the link gently where the server listens, and at once where it may not. */
  private void dismiss(String why) {
    openTimer.cancel();
    pings.stop();
    if (opened) {
      link.send(removal());
      link.retire(RETIREMENT_NANOS);
    } else {
      link.abandon(why);
    }
    link = null;
  }

  private static EncodedMessage removal() {
    Remove remove = Remove.newBuilder().setSubscription(SUBSCRIPTION_ID).build();
    return EncodedMessage.of(SubscribeRequest.newBuilder().setRemove(remove).build());
  }

  /** Breaks off a session in which the subscription cannot continue; another one may help. */
  void breakOff(WeirException cause) {
    loop.execute(
        () -> {
          if (link != null) {
            onLost(cause);
          }
        });
  }

  /** Sends the present totals to the server, if they are due. */
  void grant() {
    loop.execute(
        () -> {
          // A link that is opened later begins with them.
          if (link != null && credit.isDue()) {
            GrantCredit.Builder grant =
                GrantCredit.newBuilder().setSubscription(SUBSCRIPTION_ID).setCredit(credit.tell());
            link.send(EncodedMessage.of(SubscribeRequest.newBuilder().setCredit(grant).build()));
          }
        });
  }

  /** Asks the server for the end; without a session the end comes after what has arrived. */
  void remove() {
    EncodedMessage message = removal();
    loop.execute(
        () -> {
          if (over || removing) {
            return;
          }
          removing = true;
          if (link != null && opened) {
            link.send(message);
          } else {
            handover.offer(new SubscriberEvent.Stopped());
          }
        });
  }

  /** Ends; nothing more is offered. */
  void close() {
    loop.execute(
        () -> {
          over = true;
          retry.cancel();
          leaving.forget();
          if (link != null) {
            dismiss(WeirException.CLOSED);
          }
        });
  }
}
