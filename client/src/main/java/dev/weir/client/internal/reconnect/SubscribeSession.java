package dev.weir.client.internal.reconnect;

import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirException;
import dev.weir.client.internal.Errors;
import dev.weir.client.internal.Loop;
import dev.weir.client.internal.OwnedBy;
import dev.weir.client.internal.Surroundings;
import dev.weir.client.internal.link.Link;
import dev.weir.client.internal.link.Methods;
import dev.weir.client.internal.link.Outbound;
import dev.weir.v1.Credit;
import dev.weir.v1.Format;
import dev.weir.v1.GrantCredit;
import dev.weir.v1.Remove;
import dev.weir.v1.Start;
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
  private final SubscriberOptions options;
  private final Handover handover;
  private final Retry retry;

  private Link<byte[]> link;
  private boolean opened;
  private boolean over;
  private boolean removing;
  private Loop.Timer openTimer;

  SubscribeSession(Surroundings around, SubscriberOptions options, Handover handover) {
    this.around = around;
    this.loop = around.loop();
    this.options = options;
    this.handover = handover;
    this.retry = new Retry(loop, new Backoff(around.random()), around.options().giveUpAfter());
  }

  /** Opens a link behind a cursor, or at the start where it is empty. */
  void connect(String cursor, long readingsLeft) {
    loop.execute(() -> connectNow(cursor, readingsLeft));
  }

  /** The same, after the back-off that {@link Inbound.Broken} told. */
  void reconnect(Duration wait, String cursor, long readingsLeft) {
    loop.execute(() -> retry.schedule(wait, () -> connectNow(cursor, readingsLeft)));
  }

  private void connectNow(String cursor, long readingsLeft) {
    if (over || removing) {
      return;
    }
    opened = false;
    around.channels().connectNow();
    link = new Link<>(around.channels().streams(), Methods.SUBSCRIBE, loop, this);
    link.start(MESSAGES_AHEAD);
    SubscribeOpen open =
        SubscribeOpen.newBuilder()
            .setClient(around.options().clientName())
            .addSubscriptions(subscription(cursor, readingsLeft))
            .build();
    link.send(Outbound.of(SubscribeRequest.newBuilder().setOpen(open).build()));
    Duration timeout = around.options().openTimeout();
    openTimer = loop.schedule(() -> onOpenTimeout(timeout), timeout.toNanos());
  }

  private Subscription subscription(String cursor, long readingsLeft) {
    Subscription.Builder subscription =
        Subscription.newBuilder()
            .setId(SUBSCRIPTION_ID)
            .setTopic(options.topic())
            .setSelector(options.selector())
            .setStart(
                cursor.isEmpty()
                    ? options.start()
                    : Start.newBuilder().setAfterCursor(cursor).build())
            .setCredit(credit(options.creditReadings(), options.creditBytes()))
            .setFormat(options.rows() ? Format.FORMAT_ROWS : Format.FORMAT_COLUMNS);
    if (options.until().getNow() || readingsLeft > 0) {
      subscription.setUntil(options.until().toBuilder().setCount(readingsLeft));
    }
    Duration interval = options.progressInterval();
    if (!interval.isZero()) {
      subscription.setProgressInterval(
          com.google.protobuf.Duration.newBuilder()
              .setSeconds(interval.getSeconds())
              .setNanos(interval.getNano()));
    }
    return subscription.build();
  }

  private static Credit credit(long readings, long bytes) {
    return Credit.newBuilder().setReadings(readings).setBytes(bytes).build();
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
    } else if (!Errors.mayReconnect(cause) || retry.isExhausted()) {
      over = true;
      handover.offer(new Inbound.Failed(cause));
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

  /** Raises the totals of the subscription of that link. */
  void grant(Link<byte[]> of, long readings, long bytes) {
    GrantCredit grant =
        GrantCredit.newBuilder()
            .setSubscription(SUBSCRIPTION_ID)
            .setCredit(credit(readings, bytes))
            .build();
    Outbound message = Outbound.of(SubscribeRequest.newBuilder().setCredit(grant).build());
    loop.execute(
        () -> {
          if (of == link) {
            link.send(message);
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
