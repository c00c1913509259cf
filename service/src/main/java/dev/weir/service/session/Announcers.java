package dev.weir.service.session;

import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.partition.Topic;
import dev.weir.service.wire.Frame;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/** Tells one session the sensors of all its topics. Owned by the event loop. */
@OwnedBy("event loop")
final class Announcers {
  private final Map<Topic, Announcer> byTopic = new HashMap<>();
  private final Budget sessions;
  private long heldBytes;

  /**
   * @param sessions is charged what is remembered, also beyond its end: what was told must be known
   */
  Announcers(Budget sessions) {
    this.sessions = sessions;
  }

  /**
   * Messages that go before some data, as {@link Announcer#before}.
   *
   * @param messageBytesMax most bytes of a message of their subscription; 0 for none stated
   */
  Iterator<Frame> before(Topic topic, Emission.Data data, int messageBytesMax) {
    if (data.sensors().isEmpty()) {
      return Collections.emptyIterator(); // rows name their sensors
    }
    Announcer announcer =
        byTopic.computeIfAbsent(topic, of -> new Announcer(of, 0)).within(messageBytesMax);
    Iterator<Frame> messages = announcer.before(data.partition(), data.sensors());
    if (messages.hasNext()) {
      charge();
    }
    return messages;
  }

  /** A subscription of the topic ended: a topic that is deleted is not held any longer. */
  void ended(Topic topic) {
    if (topic.deleted()) {
      byTopic.remove(topic);
      charge();
    }
  }

  private void charge() {
    long now = 0;
    for (Announcer announcer : byTopic.values()) {
      now += announcer.heldBytes();
    }
    sessions.take(now - heldBytes);
    heldBytes = now;
  }

  /** The session is over: nothing is remembered. */
  void close() {
    byTopic.clear();
    charge();
  }
}
