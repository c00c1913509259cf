package dev.weir.service.session.subscribe;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.session.feed.FeedEvent;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.wire.protobuf.OutgoingMessage;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/** Tells one session the sensors of all its topics. Owned by the event loop. */
@OwnedBy("event loop")
final class SensorAnnouncer {
  private final Map<ServedTopic, TopicSensorAnnouncer> byTopic = new HashMap<>();
  private final Budget sessions;
  private boolean full;

  /**
   * @param sessions is charged what is remembered
   */
  SensorAnnouncer(Budget sessions) {
    this.sessions = sessions;
  }

  /**
   * Messages that go before what is emitted, as {@link TopicSensorAnnouncer#before}; none where
   * that is no data.
   *
   * @param messageBytesMax most bytes of a message of their subscription; 0 for none stated
   */
  Iterator<OutgoingMessage> before(ServedTopic topic, FeedEvent emission, int messageBytesMax) {
    if (!(emission instanceof FeedEvent.Data data) || data.sensors().isEmpty()) {
      return Collections.emptyIterator(); // rows name their sensors
    }
    TopicSensorAnnouncer announcer =
        byTopic
            .computeIfAbsent(topic, of -> new TopicSensorAnnouncer(of, 0, sessions))
            .within(messageBytesMax);
    Iterator<OutgoingMessage> messages = announcer.before(data.partition(), data.sensors());
    full |= announcer.isFull();
    return messages;
  }

  /** Returns whether there was no room to remember what is told: the session must end. */
  boolean isFull() {
    return full;
  }

  /** A subscription of the topic ended: a topic that is deleted is not held any longer. */
  void ended(ServedTopic topic) {
    TopicSensorAnnouncer announcer = topic.deleted() ? byTopic.remove(topic) : null;
    if (announcer != null) {
      announcer.close();
    }
  }

  /** The session is over: nothing is remembered. */
  void close() {
    byTopic.values().forEach(TopicSensorAnnouncer::close);
    byTopic.clear();
  }
}
