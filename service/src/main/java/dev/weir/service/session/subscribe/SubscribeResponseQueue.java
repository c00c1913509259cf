package dev.weir.service.session.subscribe;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.session.AnswerTimeout;
import dev.weir.service.session.ServerContext;
import dev.weir.service.session.SessionHandler;
import dev.weir.service.wire.protobuf.OutgoingMessage;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * What a subscribing session has answered and not sent. It is charged as unsent, and a session
 * whose peer takes nothing for a time ends. Owned by the event loop.
 */
@OwnedBy("event loop")
final class SubscribeResponseQueue {
  /** What an answer takes besides its bytes. */
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
