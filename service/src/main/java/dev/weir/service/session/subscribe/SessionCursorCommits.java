package dev.weir.service.session.subscribe;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.catalog.CursorStore;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.ServerContext;
import dev.weir.service.session.feed.Feed;
import dev.weir.v1.CommitAck;
import dev.weir.v1.Subscription;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The commits of one session's durable subscriptions. A commit that waits for a disk that hangs
 * holds nothing of a session that is closed. Owned by the event loop.
 */
@OwnedBy("event loop")
final class SessionCursorCommits {
  /** The session that a store answers, as long as it is open. Written by the loop, read by any. */
  private static final class ReplyTarget {
    private volatile SessionCursorCommits session; // null once it is closed

    ReplyTarget(SessionCursorCommits session) {
      this.session = session;
    }

    /** A commit has ended. Any thread. */
    void settled(int subscription, CursorStore.Outcome outcome) {
      SessionCursorCommits open = session;
      if (open != null) {
        open.loop.post(() -> open.settled(subscription, outcome));
      }
    }
  }

  private final CursorRequests commits;
  private final Loop loop;
  private final Consumer<CommitAck> acked;
  private final Consumer<Fault> refused;
  private final ReplyTarget replies = new ReplyTarget(this);
  private int underWay;

  /**
   * @param acked told of a commit that is durable
   * @param refused told why one is not carried out
   */
  SessionCursorCommits(
      ServerContext context, Loop loop, Consumer<CommitAck> acked, Consumer<Fault> refused) {
    this.commits = new CursorRequests(context.topics(), context.limits());
    this.loop = loop;
    this.acked = acked;
    this.refused = refused;
  }

  /** Commits that are neither acked nor refused. */
  int underWay() {
    return underWay;
  }

  /** Commits a cursor that a subscription was given. */
  void commit(Feed feed, Subscription subscription, String text) {
    if (subscription.getName().isEmpty()) {
      refused.accept(SubscriptionFaults.notDurable(subscription.getId()));
      return;
    }
    Optional<Cursor> cursor = Cursor.parse(text);
    if (cursor.isPresent() && isAhead(cursor.get(), feed.cursor())) {
      refused.accept(SubscriptionFaults.commitAhead(subscription.getId()));
      return;
    }
    underWay++;
    int id = subscription.getId();
    ReplyTarget target = replies; // so that the store holds this and the number, and nothing else
    commits.commit(
        feed.topic(),
        subscription.getName(),
        text,
        "commit.cursor",
        outcome -> target.settled(id, outcome));
  }

  /** The session has ended: nobody is told of what is under way. Harmless when repeated. */
  void close() {
    replies.session = null;
  }

  /** One of another log is not ahead but wrong, which the commit itself finds. */
  private static boolean isAhead(Cursor asked, Cursor given) {
    return asked.logId() == given.logId()
        && asked.partitions() == given.partitions()
        && !Cursor.later(asked, given).equals(given);
  }

  private void settled(int subscription, CursorStore.Outcome outcome) {
    underWay--;
    if (outcome instanceof CursorStore.Outcome.Stored stored) {
      acked.accept(
          CommitAck.newBuilder()
              .setSubscription(subscription)
              .setCursor(stored.cursor().text())
              .build());
    } else if (outcome instanceof CursorStore.Outcome.Refused problem) {
      refused.accept(problem.fault());
    }
  }
}
