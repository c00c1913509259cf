package dev.weir.service.session;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.fanout.Fanout;
import dev.weir.service.partition.Topic;
import dev.weir.service.partition.Topics;
import dev.weir.service.telemetry.Meters;
import dev.weir.service.wire.TopicName;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * What all sessions of a server share. Thread-safe.
 *
 * @param topics the topics
 * @param limits the bounds
 * @param control runs what would hold an event loop
 * @param catchUp reads the log and converts for subscribers
 * @param fanout wakes subscribers
 * @param feeds all feeds, for those who watch
 * @param meters counts
 * @param epochNanos the server's clock, Unix nanoseconds
 * @param random makes ids
 * @param developmentMode missing topics are created
 * @param sessions open sessions
 */
public record Desk(
    Topics topics,
    Limits limits,
    Control control,
    Control catchUp,
    Fanout fanout,
    Feeds feeds,
    Meters meters,
    LongSupplier epochNanos,
    RandomGenerator random,
    boolean developmentMode,
    AtomicInteger sessions) {

  /** A new session's id. */
  String newSessionId() {
    return String.format("%016x", random.nextLong());
  }

  /** Takes a place for a session; false if there is none, and then it must leave all the same. */
  boolean enter() {
    return sessions.incrementAndGet() <= limits.getInt(Limit.SESSIONS_MAX);
  }

  /** Gives the place back; once for each {@link #enter}. */
  void leave() {
    sessions.decrementAndGet();
  }

  Fault full() {
    return Fault.of(ErrorCode.OVERLOADED, "the server has its most sessions (sessions_max)")
        .retryAfter(control.retryDelay());
  }

  /**
   * The topic of a name; in development mode a missing one is created, which blocks: not on an
   * event loop.
   *
   * @throws dev.weir.service.core.fault.FaultException INVALID_ARGUMENT, TOPIC_NOT_FOUND, or why it
   *     could not be created
   */
  public Topic topic(String name) {
    Topic topic = topics.find(name);
    if (topic != null) {
      return topic;
    }
    TopicName.check(name)
        .ifPresent(
            wrong -> {
              throw Fault.invalid("topic", wrong).exception();
            });
    if (developmentMode) {
      return topics.create(name, 1, Map.of(), "");
    }
    throw Fault.of(
            ErrorCode.TOPIC_NOT_FOUND,
            "topic " + name + " does not exist; create it with CatalogService.CreateTopic")
        .exception();
  }
}
