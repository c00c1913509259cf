package dev.weir.service.session.subscribe;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.AnswerTimeout;
import dev.weir.service.session.ProblemMessages;
import dev.weir.service.session.ServerContext;
import dev.weir.service.session.SessionHandler;
import dev.weir.service.session.feed.SubscriptionResolver;
import dev.weir.service.wire.protobuf.OutgoingMessage;
import dev.weir.v1.EndReason;
import dev.weir.v1.Refused;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.SubscriptionEnd;
import dev.weir.v1.SubscriptionStatus;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * The answers of a subscribing session that are not sent yet. They are charged as unsent, and a
 * session whose peer takes nothing for a time ends. Owned by the event loop.
 */
@OwnedBy("event loop")
final class SubscribeResponseQueue {
  /** An answer takes so many bytes besides its own. */
  private static final int ANSWER_BYTES = 96;

  private final Queue<OutgoingMessage> waiting = new ArrayDeque<>(1); // an idle session has none
  private final Budget unsent;
  private final AnswerTimeout time;
  private boolean closed;

  SubscribeResponseQueue(ServerContext context, Loop loop, SessionHandler session) {
    this.unsent = context.admission().unsent();
    this.time = new AnswerTimeout(context, loop, session);
  }

  /** One more is to be sent; nothing where the session is over. */
  void add(OutgoingMessage answer) {
    if (!closed) {
      waiting.add(answer);
      unsent.take(bytes(answer));
    }
  }

  /** The same of a message that is still to be encoded. */
  void add(SubscribeResponse.Builder answer) {
    add(OutgoingMessage.of(answer.build()));
  }

  /** A request that names no subscription is refused. */
  void refused(Fault fault) {
    add(
        SubscribeResponse.newBuilder()
            .setRefused(Refused.newBuilder().setProblem(ProblemMessages.of(fault))));
  }

  /** A subscription is refused. */
  void refused(int subscription, Fault fault) {
    add(
        SubscribeResponse.newBuilder()
            .setStatus(
                SubscriptionStatus.newBuilder()
                    .setSubscription(subscription)
                    .setProblem(ProblemMessages.of(fault))));
  }

  /** A subscription has begun. */
  void begun(SessionSubscription member) {
    add(
        SubscribeResponse.newBuilder()
            .setStatus(
                SubscriptionStatus.newBuilder()
                    .setSubscription(member.asked.getId())
                    .setEffective(SubscriptionResolver.effective(member.asked))
                    .setStartCursor(member.feed.cursor().text())));
  }

  /** A subscription was removed before it began. */
  void removed(int subscription) {
    add(
        SubscribeResponse.newBuilder()
            .setEnd(
                SubscriptionEnd.newBuilder()
                    .setSubscription(subscription)
                    .setReason(EndReason.END_REASON_REMOVED)));
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** Gives the next one, to be sent. */
  OutgoingMessage next() {
    OutgoingMessage answer = waiting.remove();
    unsent.giveBack(bytes(answer));
    return answer;
  }

  /**
   * The session has sent what it could.
   *
   * @param some whether it sent something
   */
  void moved(boolean some) {
    time.moved(some, !waiting.isEmpty());
  }

  /** The session is over: nothing is answered any more. */
  void close() {
    closed = true;
    time.end();
    waiting.forEach(answer -> unsent.giveBack(bytes(answer)));
    waiting.clear();
  }

  private static long bytes(OutgoingMessage answer) {
    return (long) answer.length() + ANSWER_BYTES;
  }
}
