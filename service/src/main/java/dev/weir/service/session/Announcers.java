package dev.weir.service.session;

import dev.weir.service.core.OwnedBy;
import dev.weir.service.partition.Topic;
import dev.weir.service.wire.Frame;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/** Tells one session the sensors of all its topics. Owned by the event loop. */
@OwnedBy("event loop")
final class Announcers {
  private final Map<Topic, Announcer> byTopic = new HashMap<>();

  /**
   * Messages that go before some data, as {@link Announcer#before}.
   *
   * @param messageBytesMax most bytes of a message of their subscription; 0 for none stated
   */
  Iterator<Frame> before(Topic topic, Emission.Data data, int messageBytesMax) {
    return byTopic
        .computeIfAbsent(topic, of -> new Announcer(of, 0))
        .within(messageBytesMax)
        .before(data.partition(), data.sensors());
  }

  /** A subscription of the topic ended: a topic that is deleted is not held any longer. */
  void ended(Topic topic) {
    if (topic.deleted()) {
      byTopic.remove(topic);
    }
  }
}
