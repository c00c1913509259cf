package dev.weir.service.session;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.admission.ClientQuota;
import dev.weir.service.config.Limit;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.GoingAway;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The place of a streaming call: it is counted and listed, must be opened in time, ends with its
 * topic, and leaves as planned. Owned by the event loop.
 */
@OwnedBy("event loop")
public final class SessionLifecycle {
  /** The feature of clients that are told before a planned end. */
  static final String GOING_AWAY = "going_away";

  private static final long NANOS_PER_MILLI = 1_000_000L;

  private final ServerContext context;
  private final Loop loop;
  private final SessionHandler session;
  private final String id; // empty where it is not listed
  private final String kind;
  private final Optional<Fault> refusal;
  private final ResponseSender out;
  private Runnable cancelOpenTimeout;
  private Runnable cancelLeaving = SessionLifecycle::nothing;
  private Runnable cancelSettling = SessionLifecycle::nothing;
  private Runnable unfollow = SessionLifecycle::nothing;
  private PingTimeout pingTimeout; // null where the client does not ping
  private ClientQuota client; // null until somebody asks for it
  private boolean admitted;
  private boolean listens;
  private long leavesAtNanos = Long.MAX_VALUE; // by the server's clock

  /**
   * Takes a place. To be left whether or not there was one.
   *
   * @param method such as "PublishStream"; empty: it is not listed
   * @param kind what meters call it
   */
  public SessionLifecycle(
      ServerContext context,
      Loop loop,
      ResponseSender out,
      SessionHandler session,
      String method,
      String kind) {
    this.context = context;
    this.loop = loop;
    this.out = out;
    this.session = session;
    this.kind = kind;
    this.id = method.isEmpty() ? "" : context.newSessionId();
    this.cancelOpenTimeout =
        loop.schedule(
            context.limits().get(Limit.OPEN_TIMEOUT_MS) * NANOS_PER_MILLI,
            () ->
                session.end(
                    Fault.of(
                        ErrorCode.DEADLINE_EXCEEDED,
                        "The session was not opened within "
                            + context.limits().told(Limit.OPEN_TIMEOUT_MS)
                            + ". Send `open` first, at once.")));
    context.meters().sessionOpened(kind);
    this.refusal = id.isEmpty() ? context.enter() : context.enter(id, method, session, loop, out);
  }

  /** Returns why there was no place, and the session must end. */
  public Optional<Fault> refusal() {
    return refusal;
  }

  /** The session's id; empty where it is not listed. */
  public String id() {
    return id;
  }

  /** From now on the session ends when the topic is deleted. */
  public void follow(ServedTopic topic) {
    Fault gone =
        Fault.of(ErrorCode.TOPIC_NOT_FOUND, "Topic " + topic.info().name() + " was deleted.");
    unfollow = topic.onDeleted(() -> loop.post(() -> session.end(gone)));
  }

  /** Its client is known now; whether that may have one more session, or why not. */
  public Optional<Fault> admit() {
    if (!client().enterSession()) {
      return Optional.of(context.quota(most(Limit.CLIENT_SESSIONS_MAX, "sessions"), 0));
    }
    admitted = true;
    return Optional.empty();
  }

  /**
   * Returns whether its client may have one more subscription, which then must leave; or why not.
   */
  public Optional<Fault> admitSubscription() {
    return client().enterSubscription()
        ? Optional.empty()
        : Optional.of(context.quota(most(Limit.CLIENT_SUBSCRIPTIONS_MAX, "subscriptions"), 0));
  }

  private String most(Limit limit, String what) {
    return "This client has as many "
        + what
        + " as "
        + context.limits().told(limit)
        + " allows. Close one, or ask the operator to raise the limit.";
  }

  /** Its client; none with quotas once it has left. */
  public ClientQuota client() {
    if (client == null) {
      client = context.enter(out.facts());
    }
    return client;
  }

  /**
   * It was opened in time, by a client that understands some features and may send more.
   *
   * @param asks whether it lets its peer send more now
   */
  public void opened(List<String> features, BooleanSupplier asks) {
    opened();
    listens = features.contains(GOING_AWAY);
    if (features.contains(PingTimeout.PING)) {
      pingTimeout = new PingTimeout(context, loop, out.facts(), session, asks);
    }
  }

  /** Its request came in time. */
  public void opened() {
    cancelOpenTimeout.run();
    cancelOpenTimeout = SessionLifecycle::nothing; // what is cancelled takes memory too
  }

  /**
   * Plans the end of an open session: one whose client listens has until the deadline, the others
   * until they were to leave. Nothing if it is to end sooner already.
   *
   * @param tell says it to a client that listens
   */
  public void goAway(GoAwayNotice departure, Consumer<GoingAway.Builder> tell) {
    long wait = listens ? departure.deadlineNanos() : departure.leaveNanos();
    long at = context.epochNanos().getAsLong() + wait;
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

  /** Its client says nothing more. */
  public void halfClosed() {
    if (pingTimeout != null) {
      pingTimeout.end();
    }
  }

  /** It settles what it has taken, but not for ever. */
  public void settling(Fault fault) {
    cancelSettling.run();
    cancelSettling =
        loop.schedule(GoAwayNotice.graceNanos(context.limits()), () -> session.end(fault));
  }

  /** Gives everything back; once. */
  public void leave() {
    cancelOpenTimeout.run();
    if (pingTimeout != null) {
      pingTimeout.end();
    }
    if (admitted) {
      client.leaveSession();
    }
    if (client != null) {
      context.leave(client);
    }
    client = ClientQuota.none();
    cancelLeaving.run();
    cancelSettling.run();
    unfollow.run();
    context.meters().sessionClosed(kind);
    if (id.isEmpty()) {
      context.leave();
    } else {
      context.leave(id);
    }
  }

  private static void nothing() {}
}
