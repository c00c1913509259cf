package dev.weir.client.internal.reconnect;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirException;
import dev.weir.client.internal.Errors;
import dev.weir.client.internal.Loop;
import dev.weir.client.internal.OwnedBy;
import dev.weir.client.internal.Surroundings;
import dev.weir.client.internal.link.Link;
import dev.weir.client.internal.link.Methods;
import dev.weir.client.internal.link.Outbound;
import dev.weir.v1.Commit;
import dev.weir.v1.GrantCredit;
import dev.weir.v1.Remove;
import dev.weir.v1.SubscribeOpen;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import io.grpc.Status;
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
  private static final int COMMIT_ACK = SubscribeResponse.COMMIT_ACK_FIELD_NUMBER << 3 | 2;
  private static final int REFUSED = SubscribeResponse.REFUSED_FIELD_NUMBER << 3 | 2;

  private final Surroundings around;
  private final Loop loop;
  private final Handover handover;
  private final CreditLedger credit;
  private final Commits commits;
  private final Retry retry;
  private final long commitNanos;

  private Link<byte[]> link;
  private boolean opened;
  private boolean active;
  private boolean over;
  private boolean removing;
  private Loop.Timer openTimer;
  private Loop.Timer commitTimer;

  SubscribeSession(Surroundings around, SubscriberOptions options, Handover handover) {
    this.around = around;
    this.loop = around.loop();
    this.handover = handover;
    this.credit = handover.credit();
    this.commits = handover.commits();
    this.retry = new Retry(loop, around.random(), around.options().giveUpAfter());
    this.commitNanos = options.commitEvery().toNanos();
  }

  /** Opens a link for the subscription, which lacks only its credit and number. */
  void connect(Subscription subscription) {
    loop.execute(
        () -> {
          connectNow(subscription);
          commitByClock();
        });
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
    active = false;
    retry.begin();
    around.channels().connectNow();
    link = new Link<>(around.channels().streams(), Methods.SUBSCRIBE, loop, this);
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
    int tag = message.length == 0 ? 0 : message[0];
    if (tag == COMMIT_ACK || (tag == REFUSED && commits.isUnderWay())) {
      onCommitAnswer(message);
    } else {
      handover.offer(new Inbound.Response(message, from));
    }
  }

  /** Here and not behind the readings, whose handler may take its time. */
  private void onCommitAnswer(byte[] message) {
    SubscribeResponse response;
    try {
      response = SubscribeResponse.parseFrom(message);
    } catch (InvalidProtocolBufferException e) {
      onLost(Errors.internal("the server sent what is no SubscribeResponse"));
      return;
    }
    if (response.hasCommitAck()) {
      commits.succeed(response.getCommitAck().getCursor());
    } else if (response.getRefused().getProblem().getCode() == Status.Code.NOT_FOUND.value()) {
      // The subscription or its topic is gone: its end is among what has arrived, and behind the
      // end what is finished is committed by a call of its own.
      active = false;
    } else {
      commits.fail(Errors.of(response.getRefused().getProblem()));
    }
    handover.wake();
    link.request(1);
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

  /** The server added the subscription: commits may go. */
  void activate(Link<byte[]> of) {
    loop.execute(
        () -> {
          if (of == link) {
            active = true;
            sendCommit(commits.beginAgain());
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

  /** Sends the commit whose turn it is. */
  void commit() {
    loop.execute(this::sendNextCommit);
  }

  private void sendNextCommit() {
    if (link != null && active) {
      sendCommit(commits.begin());
    }
  }

  private void sendCommit(String cursor) {
    if (!cursor.isEmpty()) {
      Commit.Builder commit =
          Commit.newBuilder().setSubscription(SUBSCRIPTION_ID).setCursor(cursor);
      link.send(Outbound.of(SubscribeRequest.newBuilder().setCommit(commit).build()));
    }
  }

  private void commitByClock() {
    if (commitNanos > 0 && !over) {
      commits.askByClock(handover.cursor());
      sendNextCommit();
      commitTimer = loop.schedule(this::commitByClock, commitNanos);
    }
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
          if (commitTimer != null) {
            commitTimer.cancel();
          }
          if (link != null) {
            openTimer.cancel();
            link.abandon(WeirException.CLOSED);
            link = null;
          }
        });
  }
}
