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
  private boolean full;

  /**
   * @param sessions is charged what is remembered
   */
  Announcers(Budget sessions) {
    this.sessions = sessions;
  }

  /**
   * Messages that go before what is emitted, as {@link Announcer#before}; none where that is no
   * data.
   *
   * @param messageBytesMax most bytes of a message of their subscription; 0 for none stated
   */
  Iterator<Frame> before(Topic topic, Emission emission, int messageBytesMax) {
    if (!(emission instanceof Emission.Data data) || data.sensors().isEmpty()) {
      return Collections.emptyIterator(); // rows name their sensors
    }
    Announcer announcer =
        byTopic
            .computeIfAbsent(topic, of -> new Announcer(of, 0, sessions))
            .within(messageBytesMax);
    Iterator<Frame> messages = announcer.before(data.partition(), data.sensors());
    full |= announcer.isFull();
    return messages;
  }

  /** Whether there was no room to remember what is told: the session must end. */
  boolean isFull() {
    return full;
  }

  /** A subscription of the topic ended: a topic that is deleted is not held any longer. */
  void ended(Topic topic) {
    Announcer announcer = topic.deleted() ? byTopic.remove(topic) : null;
    if (announcer != null) {
      announcer.close();
    }
  }

  /** The session is over: nothing is remembered. */
  void close() {
    byTopic.values().forEach(Announcer::close);
    byTopic.clear();
  }
}
