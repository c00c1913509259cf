package dev.weir.service.catalog;

import dev.weir.service.core.cursor.Cursor;

/** A change kept in the system partition. Immutable. */
sealed interface SystemEvent {
  /** The log of the topic that it is about. */
  long logId();

  /**
   * A topic is as it says: it is new, or was updated.
   *
   * @param topic all of it
   */
  record TopicStored(TopicInfo topic) implements SystemEvent {
    @Override
    public long logId() {
      return topic.logId();
    }
  }

  /**
   * A topic is no more; its log must be deleted.
   *
   * @param logId its log
   */
  record TopicDeleted(long logId) implements SystemEvent {}

  /**
   * A deleted topic's log is gone.
   *
   * @param logId its log
   */
  record TopicPurged(long logId) implements SystemEvent {}

  /**
   * A durable subscription's cursor is this one.
   *
   * @param name of the subscription
   * @param cursor its cursor
   * @param timeNanos when, by the server's clock, Unix nanoseconds
   */
  record CursorCommitted(String name, Cursor cursor, long timeNanos) implements SystemEvent {
    @Override
    public long logId() {
      return cursor.logId();
    }
  }

  /**
   * A durable subscription's cursor is forgotten.
   *
   * @param logId of the topic
   * @param name of the subscription
   */
  record CursorDeleted(long logId, String name) implements SystemEvent {}
}
