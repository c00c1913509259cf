package dev.weir.service.session;

import dev.weir.v1.StallReason;

/** The progress of a subscription, for monitoring. Any thread may ask; nothing blocks. */
public interface FeedStatus {
  /** The topic that it reads. */
  String topicName();

  /** Returns how many readings are stored behind its position. */
  long lagReadings();

  /** Returns why it is not moving; unspecified while it is. */
  StallReason stall();
}
