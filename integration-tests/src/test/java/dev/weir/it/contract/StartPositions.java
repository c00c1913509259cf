package dev.weir.it.contract;

import com.google.protobuf.Timestamp;
import dev.weir.v1.Start;

/** Makes the start positions of subscriptions. Stateless. */
final class StartPositions {
  private StartPositions() {}

  static Start earliest() {
    return Start.newBuilder().setEarliest(true).build();
  }

  static Start from(long unixSeconds) {
    return Start.newBuilder().setFromTime(Timestamp.newBuilder().setSeconds(unixSeconds)).build();
  }

  static Start after(String cursor) {
    return Start.newBuilder().setAfterCursor(cursor).build();
  }
}
