package dev.weir.service.rpc;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.core.fault.Fault;
import java.util.Optional;

/**
 * The peer of one call, as the one who reads its answers. Transports without connections, such as
 * in-process, take everything. Owned by the event loop.
 */
@OwnedBy("event loop")
final class CallUnreadAnswers {
  private final ConnectionUnreadAnswers unread; // null for one that takes everything
  private final int stream;
  private ConnectionUnreadAnswers.CallAnswers answered; // null while it has read all
  private boolean over;

  CallUnreadAnswers(ConnectionUnreadAnswers unread, int stream) {
    this.unread = unread;
    this.stream = stream;
  }

  /**
   * Returns the one of the call that is starting on a connection; null is a transport without any.
   */
  static CallUnreadAnswers of(
      ConnectionHandler connection, ConnectionUnreadAnswers.Bounds bounds, Loop loop) {
    return connection == null
        ? new CallUnreadAnswers(null, 0)
        : new CallUnreadAnswers(connection.unread(bounds, loop), connection.startingStream());
  }

  /** Counts an answer that waits for the loop; the bytes of its connection that do. Any thread. */
  long queueAnswer(int bytes) {
    return unread == null ? bytes : unread.waitingBytes().addAndGet(bytes);
  }

  /** Such an answer waits no more. Any thread. */
  void dequeueAnswer(int bytes) {
    if (unread != null) {
      unread.waitingBytes().addAndGet(-bytes);
    }
  }

  /** Returns whether it gets an answer of so many bytes now. */
  boolean hasRoom(long bytes) {
    return unread == null || unread.hasRoom(bytes);
  }

  /** Returns why it gets no answer of so many bytes now, if so. */
  Optional<Fault> full(long bytes) {
    return unread == null ? Optional.empty() : unread.full(bytes);
  }

  /** So many bytes more are given to it, and not sent; with the first its time begins. */
  void answered(long bytes) {
    if (unread == null || over) {
      return;
    }
    if (answered == null) {
      answered = unread.add(stream, bytes);
    } else {
      answered.more(bytes);
    }
  }

  /** It has read all that was given to it. Harmless when repeated. */
  void taken() {
    if (answered != null) {
      answered.read();
      answered = null;
    }
  }

  /** The call is over, read or not. Harmless when repeated. */
  void over() {
    over = true;
    if (answered != null) {
      answered.over();
      answered = null;
    }
  }
}
