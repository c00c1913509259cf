package dev.weir.service.session;

import dev.weir.service.config.Limit;
import dev.weir.service.core.Loop;
import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.Topic;
import dev.weir.v1.GoingAway;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The place of a streaming call: it is counted and listed, must be opened in time, ends with its
 * topic, and leaves as planned. Owned by the event loop.
 */
@OwnedBy("event loop")
final class Seat {
  /** The feature of clients that are told before a planned end. */
  static final String GOING_AWAY = "going_away";

  private static final Runnable NOTHING = () -> {};
  private static final long NANOS_PER_MILLI = 1_000_000L;

  /** Ages differ by so much of the greatest one, so that not all sessions end at once. */
  private static final double AGE_JITTER = 0.1;

  private final Desk desk;
  private final Loop loop;
  private final Session session;
  private final String id; // empty where it is not listed
  private final String kind;
  private final Optional<Fault> refusal;
  private Runnable cancelOpenTimeout;
  private Runnable cancelAge = NOTHING;
  private Runnable cancelLeaving = NOTHING;
  private Runnable cancelSettling = NOTHING;
  private Runnable unfollow = NOTHING;
  private boolean listens;
  private long leavesAtNanos = Long.MAX_VALUE; // by the server's clock

  /**
   * Takes a place. To be left whether or not there was one.
   *
   * @param method such as "PublishStream"; empty: it is not listed
   * @param kind what meters call it
   */
  Seat(Desk desk, Loop loop, Outbound out, Session session, String method, String kind) {
    this.desk = desk;
    this.loop = loop;
    this.session = session;
    this.kind = kind;
    this.id = method.isEmpty() ? "" : desk.newSessionId();
    this.cancelOpenTimeout =
        loop.schedule(
            desk.limits().get(Limit.OPEN_TIMEOUT_MS) * NANOS_PER_MILLI,
            () ->
                session.end(
                    Fault.of(ErrorCode.DEADLINE_EXCEEDED, "the session was not opened in time")));
    desk.meters().sessionOpened(kind);
    this.refusal = id.isEmpty() ? desk.enter() : desk.enter(id, method, session, loop, out);
  }

  /** Why there was no place, and the session must end. */
  Optional<Fault> refusal() {
    return refusal;
  }

  /** The session's id; empty where it is not listed. */
  String id() {
    return id;
  }

  /** From now on the session ends when the topic is deleted. */
  void follow(Topic topic) {
    Fault gone =
        Fault.of(ErrorCode.TOPIC_NOT_FOUND, "topic " + topic.info().name() + " was deleted");
    unfollow = topic.onDeleted(() -> loop.post(() -> session.end(gone)));
  }

  /** It was opened in time, by a client that understands some features, and begins to age. */
  void opened(List<String> features) {
    cancelOpenTimeout.run();
    cancelOpenTimeout = NOTHING; // what is cancelled takes memory too
    listens = features.contains(GOING_AWAY);
    long ageMillis = id.isEmpty() ? 0 : desk.limits().get(Limit.SESSION_AGE_MS_MAX);
    if (ageMillis > 0) {
      double jitter = 1 + AGE_JITTER * (2 * desk.random().nextDouble() - 1);
      cancelAge =
          loop.schedule(
              (long) (ageMillis * NANOS_PER_MILLI * jitter),
              () -> session.goAway(Departure.tooOld(desk.limits())));
    }
  }

  /**
   * Plans the end of an open session: one whose client listens has until the deadline, the others
   * until they were to leave. Nothing if it is to end sooner already.
   *
   * @param tell says it to a client that listens
   */
  void goAway(Departure departure, Consumer<GoingAway.Builder> tell) {
    long wait = listens ? departure.deadlineNanos() : departure.leaveNanos();
    long at = desk.epochNanos().getAsLong() + wait;
    if (at >= leavesAtNanos) {
      return;
    }
    leavesAtNanos = at;
    cancelLeaving.run();
    cancelLeaving = loop.schedule(wait, () -> session.settle(departure.why()));
    if (listens) {
      tell.accept(departure.message());
    }
  }

  /** It settles what it has taken, but not for ever. */
  void settling(Fault fault) {
    cancelSettling.run();
    cancelSettling = loop.schedule(Departure.graceNanos(desk.limits()), () -> session.end(fault));
  }

  /** Gives everything back; once. */
  void leave() {
    cancelOpenTimeout.run();
    cancelAge.run();
    cancelLeaving.run();
    cancelSettling.run();
    unfollow.run();
    desk.meters().sessionClosed(kind);
    if (id.isEmpty()) {
      desk.leave();
    } else {
      desk.leave(id);
    }
  }
}
