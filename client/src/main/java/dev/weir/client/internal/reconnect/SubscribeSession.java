package dev.weir.client.internal.reconnect;

import dev.weir.client.WeirException;
import dev.weir.client.internal.Errors;
import dev.weir.client.internal.Loop;
import dev.weir.client.internal.OwnedBy;
import dev.weir.client.internal.Surroundings;
import dev.weir.client.internal.link.Link;
import dev.weir.client.internal.link.Methods;
import dev.weir.client.internal.link.Outbound;
import dev.weir.v1.GrantCredit;
import dev.weir.v1.Remove;
import dev.weir.v1.SubscribeOpen;
import dev.weir.v1.SubscribeRequest;
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

  private final Surroundings around;
  private final Loop loop;
  private final Handover handover;
  private final CreditLedger credit;
  private final Retry retry;

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
    if (!opened) {
      opened = true;
      openTimer.cancel();
      retry.succeeded();
    }
    handover.offer(new Inbound.Response(message, from));
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
    link.abandon(cause.reason());
    link = null;
    openTimer.cancel();
    if (over) {
      return;
    }
    if (removing) {
      over = true;
      handover.offer(new Inbound.Stopped());
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
    Remove remove = Remove.newBuilder().setSubscription(SUBSCRIPTION_ID).build();
    Outbound message = Outbound.of(SubscribeRequest.newBuilder().setRemove(remove).build());
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
          if (link != null) {
            openTimer.cancel();
            link.abandon(WeirException.CLOSED);
            link = null;
          }
        });
  }
}
