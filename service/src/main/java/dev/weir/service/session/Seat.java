package dev.weir.service.session;

import dev.weir.service.config.Limit;
import dev.weir.service.core.Loop;
import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.Topic;

/**
 * The place of a publishing call: it is counted and listed, must be opened in time, and ends with
 * its topic. Owned by the event loop.
 */
@OwnedBy("event loop")
final class Seat {
  private final Desk desk;
  private final Loop loop;
  private final Session session;
  private final String id;
  private final String kind;
  private final boolean taken;
  private final Runnable openTimeout;
  private Runnable unfollow = () -> {};

  /**
   * Takes a place. To be left whether or not there was one.
   *
   * @param method such as "PublishStream"
   * @param kind what meters call it
   */
  Seat(Desk desk, Loop loop, Outbound out, Session session, String method, String kind) {
    this.desk = desk;
    this.loop = loop;
    this.session = session;
    this.kind = kind;
    this.id = desk.newSessionId();
    this.openTimeout =
        loop.schedule(
            desk.limits().get(Limit.OPEN_TIMEOUT_MS) * 1_000_000L,
            () ->
                session.end(
                    Fault.of(ErrorCode.DEADLINE_EXCEEDED, "the session was not opened in time")));
    desk.meters().sessionOpened(kind);
    this.taken = desk.enter(id, method, session, loop, out);
  }

  /** Whether there was a place; if not, the session must end. */
  boolean taken() {
    return taken;
  }

  /** The session's id. */
  String id() {
    return id;
  }

  /** From now on the session ends when the topic is deleted. */
  void follow(Topic topic) {
    Fault gone =
        Fault.of(ErrorCode.TOPIC_NOT_FOUND, "topic " + topic.info().name() + " was deleted");
    unfollow = topic.onDeleted(() -> loop.post(() -> session.end(gone)));
  }

  /** It was opened in time. */
  void opened() {
    openTimeout.run();
  }

  /** Gives everything back; once. */
  void leave() {
    openTimeout.run();
    unfollow.run();
    desk.meters().sessionClosed(kind);
    desk.leave(id);
  }
}
