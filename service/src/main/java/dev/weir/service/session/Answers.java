package dev.weir.service.session;

import dev.weir.service.core.Loop;
import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.wire.Frame;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * What a subscribing session has answered and not sent. It is charged as unsent, and a session
 * whose peer takes nothing for a time ends. Owned by the event loop.
 */
@OwnedBy("event loop")
final class Answers {
  /** What an answer takes besides its bytes. */
  private static final int ANSWER_BYTES = 96;

  private final Queue<Frame> waiting = new ArrayDeque<>(1); // an idle session has none
  private final Budget unsent;
  private final AnswerTime time;
  private boolean closed;

  Answers(Desk desk, Loop loop, Session session) {
    this.unsent = desk.admission().unsent();
    this.time = new AnswerTime(desk, loop, session);
  }

  /** One more is to be sent; nothing where the session is over. */
  void add(Frame answer) {
    if (!closed) {
      waiting.add(answer);
      unsent.take(bytes(answer));
    }
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** Gives the next one, to be sent. */
  Frame next() {
    Frame answer = waiting.remove();
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

  private static long bytes(Frame answer) {
    return (long) answer.length() + ANSWER_BYTES;
  }
}
