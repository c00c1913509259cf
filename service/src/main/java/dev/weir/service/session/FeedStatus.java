package dev.weir.service.session;

import dev.weir.v1.StallReason;

/** How a subscription gets on, for whoever watches. Any thread may ask; nothing blocks. */
public interface FeedStatus {
  /** The topic that it reads. */
  String topicName();

  /** How many readings are stored behind its position. */
  long lagReadings();

  /** Why it is not moving; unspecified while it is. */
  StallReason stall();
}
