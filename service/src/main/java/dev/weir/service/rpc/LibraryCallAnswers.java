package dev.weir.service.rpc;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.budget.Budget;
import io.grpc.ServerCall;

/**
 * The answers that a call of a library's service has sent and its peer has not taken. They are
 * charged to the budget of what is unsent, and have a timeout. Owned by the event loop.
 */
@OwnedBy("event loop")
final class LibraryCallAnswers {
  private final ServerCall<?, ?> call;
  private final Budget unsent;
  private final CallUnreadAnswers reader;
  private long sentBytes; // since it was ready, and not charged
  private long unsentBytes; // charged
  private boolean over;

  /**
   * @param call is ready where nothing is unsent
   */
  LibraryCallAnswers(ServerCall<?, ?> call, Budget unsent, CallUnreadAnswers reader) {
    this.call = call;
    this.unsent = unsent;
    this.reader = reader;
  }

  /** An answer of so many bytes is given to the transport, which may not count it yet. */
  void sent(long bytes) {
    if (over) {
      return;
    }
    if (call.isReady()) {
      allTaken();
      sentBytes = bytes;
    } else {
      sentBytes += bytes;
      charge();
    }
  }

  /** The call may be ready. */
  void ready() {
    if (call.isReady()) {
      allTaken();
    }
  }

  /** Nothing more is sent; what was sent last counts as unsent until the call is over. */
  void closed() {
    if (!over) {
      charge();
    }
  }

  /** The call is over. */
  void over() {
    over = true;
    allTaken();
    reader.over();
  }

  private void charge() {
    unsent.take(sentBytes);
    unsentBytes += sentBytes;
    reader.answered(sentBytes);
    sentBytes = 0;
  }

  private void allTaken() {
    unsent.giveBack(unsentBytes);
    unsentBytes = 0;
    sentBytes = 0;
    reader.taken();
  }
}
