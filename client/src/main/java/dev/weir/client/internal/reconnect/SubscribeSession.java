package dev.weir.client.internal.reconnect;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.client.WeirException;
import dev.weir.client.internal.Errors;
import dev.weir.client.internal.Loop;
import dev.weir.client.internal.OwnedBy;
import dev.weir.client.internal.Surroundings;
import dev.weir.client.internal.link.Link;
import dev.weir.client.internal.link.Methods;
import dev.weir.client.internal.link.Outbound;
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
final class SubscribeSession implements Link.Events<byte[]> {
  /** Messages that may arrive before the handler has finished with earlier ones. */
  static final int MESSAGES_AHEAD = 64;

  private static final int SUBSCRIPTION_ID = 1;
  private static final byte OPENED_TAG = SubscribeResponse.OPENED_FIELD_NUMBER << 3 | 2;
  private static final byte PONG_TAG = SubscribeResponse.PONG_FIELD_NUMBER << 3 | 2;
  private static final byte GOING_AWAY_TAG = SubscribeResponse.GOING_AWAY_FIELD_NUMBER << 3 | 2;

  /** How long a server may take to end a session that has no subscription any more. */
  private static final long RETIREMENT_NANOS = 2_000_000_000L;

  private final Surroundings around;
  private final Loop loop;
  private final Handover handover;
  private final CreditLedger credit;
  private final Retry retry;
  private final Leaving leaving;
  private final Pings pings;

  private Link<byte[]> link;
  private boolean opened;
  private boolean over;
  private boolean removing;
  private Loop.Timer openTimer;

  SubscribeSession(Surroundings around, Handover handover) {
    this.around = around;
    this.loop = around.loop();
    this.handover = handover;
    this.credit = handover.credit();
    this.retry = new Retry(around);
    this.leaving = new Leaving(loop);
    SubscribeRequest ping =
        SubscribeRequest.newBuilder().setPing(Ping.getDefaultInstance()).build();
    this.pings =
        new Pings(
            loop,
            Outbound.of(ping),
            () -> breakOff(Errors.unavailable("the server says nothing any more")));
  }

  /** Opens a link for the subscription, which lacks only its credit and number. */
  void connect(Subscription subscription) {
    loop.execute(() -> connectNow(subscription));
  }

  /** The same, after the back-off that {@link Inbound.Broken} told. */
  void reconnect(Duration wait, Subscription subscription) {
    loop.execute(() -> retry.schedule(wait, () -> connectNow(subscription)));
  }

  private void connectNow(Subscription subscription) {
    if (over || removing) {
      return;
    }
    opened = false;
    link = new Link<>(retry.begin().streams(), Methods.SUBSCRIBE, loop, this);
    link.start(MESSAGES_AHEAD);
    SubscribeOpen open =
        SubscribeOpen.newBuilder()
            .setClient(around.options().clientName())
            .addFeatures(Leaving.FEATURE)
            .addFeatures(Pings.FEATURE)
            .addSubscriptions(
                subscription.toBuilder().setId(SUBSCRIPTION_ID).setCredit(credit.open()))
            .build();
    link.send(Outbound.of(SubscribeRequest.newBuilder().setOpen(open).build()));
    Duration timeout = around.options().openTimeout();
    openTimer = loop.schedule(() -> onOpenTimeout(timeout), timeout.toNanos());
  }

  private void onOpenTimeout(Duration timeout) {
    if (!opened && link != null) {
      onLost(Errors.unavailable("no session was opened within " + timeout));
    }
  }

  @Override
  public void onMessage(Link<byte[]> from, byte[] message) {
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
      handover.offer(new Inbound.Response(message, from));
      return;
    }
    from.request(1);
    try {
      handle(SubscribeResponse.parseFrom(message));
    } catch (InvalidProtocolBufferException malformed) {
      onLost(Errors.internal("the server sent what is no SubscribeResponse"));
    }
  }

  /** What concerns the link and not the subscription: its first byte tells. */
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

  /** What has arrived is handled first; the next link goes on behind it. */
  private void leave() {
    if (link != null && !removing) {
      onLost(leaving.cause());
    }
  }

  @Override
  public void onReady(Link<byte[]> from) {
    // Requests are few and small; nothing waits for readiness.
  }

  @Override
  public void onClosed(Link<byte[]> from, WeirException cause) {
    if (from == link) {
      onLost(cause != null ? cause : Errors.unavailable("the server ended the session"));
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
      handover.offer(new Inbound.Stopped());
      return;
    }
    if (planned) {
      handover.offer(new Inbound.Broken(cause, retry.plannedWait(cause)));
      return;
    }
    WeirException last = retry.failed(cause);
    if (last != null) {
      over = true;
      handover.offer(new Inbound.Failed(last));
    } else {
      handover.offer(new Inbound.Broken(cause, retry.nextWait(cause)));
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

  private static Outbound removal() {
    Remove remove = Remove.newBuilder().setSubscription(SUBSCRIPTION_ID).build();
    return Outbound.of(SubscribeRequest.newBuilder().setRemove(remove).build());
  }

  /** The subscription cannot go on in this session; another one may help. */
  void breakOff(WeirException cause) {
    loop.execute(
        () -> {
          if (link != null) {
            onLost(cause);
          }
        });
  }

  /** Tells the server the present totals, if they are due. */
  void grant() {
    loop.execute(
        () -> {
          // A link that is opened later begins with them.
          if (link != null && credit.isDue()) {
            GrantCredit.Builder grant =
                GrantCredit.newBuilder().setSubscription(SUBSCRIPTION_ID).setCredit(credit.tell());
            link.send(Outbound.of(SubscribeRequest.newBuilder().setCredit(grant).build()));
          }
        });
  }

  /** Asks the server for the end; without a session it is behind what has arrived. */
  void remove() {
    Outbound message = removal();
    loop.execute(
        () -> {
          if (over || removing) {
            return;
          }
          removing = true;
          if (link != null && opened) {
            link.send(message);
          } else {
            handover.offer(new Inbound.Stopped());
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
