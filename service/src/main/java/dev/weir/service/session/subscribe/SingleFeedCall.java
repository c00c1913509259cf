package dev.weir.service.session.subscribe;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.config.Limit;
import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.CatchUpPool;
import dev.weir.service.session.GoAwayNotice;
import dev.weir.service.session.ResponseSender;
import dev.weir.service.session.ServerContext;
import dev.weir.service.session.SessionHandler;
import dev.weir.service.session.SessionLifecycle;
import dev.weir.service.session.feed.Feed;
import dev.weir.service.session.feed.FeedEvent;
import dev.weir.service.session.feed.FeedFormat;
import dev.weir.service.session.feed.FeedSetting;
import dev.weir.service.session.feed.FeedSpec;
import dev.weir.service.session.feed.SubscriptionResolver;
import dev.weir.service.wire.protobuf.OutgoingMessage;
import dev.weir.v1.Subscription;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call that one request starts and that has one feed: the common part of Tail and Read. Owned by
 * the event loop.
 */
@OwnedBy("event loop")
abstract class SingleFeedCall implements SessionHandler {
  private static final Logger logger = LoggerFactory.getLogger(SingleFeedCall.class);

  final ServerContext context;
  final Loop loop;
  final ResponseSender out;
  Feed feed;
  private CatchUpPool.SessionTurns turns; // those of the feed; null before it
  private final String kind;
  private final SessionLifecycle lifecycle;
  private final DeliveryThrottle throttle;
  private Subscription asked;
  private volatile boolean peerReading = true; // written by the loop, read by whoever watches
  private volatile boolean closed; // written by the loop, read before work that nobody waits for
  private boolean pumping;
  private boolean subscribed;
  private long heldBytes;

  SingleFeedCall(
      ServerContext context, Loop loop, ResponseSender out, String method, boolean listed) {
    this.kind = method.toLowerCase(Locale.ROOT);
    this.context = context;
    this.loop = loop;
    this.out = out;
    this.lifecycle = new SessionLifecycle(context, loop, out, this, listed ? method : "", kind);
    this.throttle = new DeliveryThrottle(context, loop, lifecycle, this::pump);
    // the request, and the half-close behind it
    lifecycle.refusal().ifPresentOrElse(this::end, () -> out.request(2));
  }

  /** Says what a started feed gives first. */
  abstract void started();

  /** Takes what the feed says. */
  abstract void said(FeedEvent emission);

  /** Says more of what the feed said last; false where that is all said. */
  boolean saysMore() {
    return false;
  }

  /** Returns whether the call is answered at once. */
  boolean isBrief() {
    return false;
  }

  /** The loop on which tasks end that may have read the log. */
  Loop loopOfStored() {
    return loop.bulk();
  }

  /** The feed has nothing to say now. */
  void idle() {}

  /** The call is over: nothing is held any more, and no timer left. */
  void released() {}

  /** Returns whether another emission may be taken now. */
  boolean ready() {
    return out.ready();
  }

  boolean isClosed() {
    return closed;
  }

  /** Checks and resolves the subscription that the request stands for; once. */
  void start(Subscription subscription, FeedFormat shape, int bytesMax, Optional<Fault> unknown) {
    if (asked != null) {
      end(
          Fault.of(
              ErrorCode.INVALID_ARGUMENT, "The call takes one request, and a second one came."));
      return;
    }
    asked = subscription;
    lifecycle.opened();
    Optional<Fault> wrong =
        unknown
            .or(() -> SubscriptionCheck.check(subscription, context.limits()))
            // a page that is answered at once ends early where memory is short
            .or(() -> isBrief() ? Optional.empty() : context.subscribersFull())
            .or(this::admitted)
            .or(this::held);
    if (wrong.isPresent()) {
      end(wrong.get());
      return;
    }
    SubscriptionResolver.make(
        context,
        loop,
        subscription,
        shape,
        new SubscriptionResolver.Waiting(out.facts(), () -> !closed),
        order -> resolved(order, bytesMax),
        this::end);
  }

  /** One that is listed stays long: it counts as a session and a subscription of its client. */
  private Optional<Fault> admitted() {
    if (lifecycle.id().isEmpty()) {
      return Optional.empty();
    }
    Optional<Fault> full = lifecycle.admit().or(lifecycle::admitSubscription);
    subscribed = full.isEmpty();
    return full;
  }

  private Optional<Fault> held() {
    long bytes = context.subscriptionBytes(asked);
    Optional<Fault> full = isBrief() ? context.holdBriefly(bytes) : context.hold(bytes);
    heldBytes = full.isEmpty() ? bytes : 0;
    return full;
  }

  private void resolved(FeedSpec order, int bytesMax) {
    if (closed) {
      SubscriptionResolver.discard(context, order);
      return;
    }
    turns = context.catchUp().sessionOf(out.facts().peer());
    var setting =
        FeedSetting.of(
                context, turns, loop, loopOfStored(), bytesMax, () -> peerReading, this::pump)
            .heldBy(context.snapshots(out.facts().peer()));
    feed = new Feed(setting, order, SubscriptionCredit.unlimited());
    started();
    pump();
  }

  final void pump() {
    if (pumping || feed == null) {
      return;
    }
    pumping = true; // a feed may wake itself while asked
    peerReading = true;
    try {
      sayAll();
    } catch (RuntimeException defect) {
      logger.error(
          "A {} call ends, because sending failed. This is a defect; report it with the stack.",
          kind,
          defect);
      end(
          Fault.of(
              ErrorCode.INTERNAL,
              "A defect of the server ended the call, because sending failed: " + defect));
    }
    pumping = false;
    peerReading = closed || ready();
  }

  private void sayAll() {
    while (!closed && ready()) {
      if (saysMore()) {
        continue;
      }
      throttle.check(feed.credit());
      FeedEvent emission = feed.next();
      if (emission == null) {
        idle();
        break;
      }
      feed.count(emission, context.meters());
      throttle.charge(emission);
      said(emission);
    }
  }

  /** Returns the subscription that was asked for; null before. */
  Subscription asked() {
    return asked;
  }

  int deliveryBytesMax() {
    return context.limits().getInt(Limit.DELIVERY_BYTES_MAX);
  }

  /** Sends the last message and ends the call well. */
  final void finish(OutgoingMessage last) {
    if (!closed) {
      close();
      out.send(last);
      out.finish();
    }
  }

  @Override
  public final void end(Fault fault) {
    if (!closed) {
      close();
      out.fail(fault);
    }
  }

  /** Its last reading's cursor is where the next call goes on. */
  @Override
  public void goAway(GoAwayNotice departure) {
    lifecycle.goAway(departure, message -> {});
  }

  @Override
  public void onReady() {
    pump();
  }

  @Override
  public void onHalfClosed() {
    if (asked == null) {
      end(
          Fault.of(
              ErrorCode.INVALID_ARGUMENT,
              "The call had no request. Send one before the half-close."));
    }
  }

  @Override
  public void onClosed() {
    if (!closed) {
      close();
    }
  }

  private void close() {
    closed = true;
    if (feed != null) {
      feed.close();
    }
    if (turns != null) {
      turns.leave();
    }
    throttle.end();
    if (asked != null) { // before, nothing is held
      released();
    }
    if (subscribed) {
      lifecycle.client().leaveSubscription();
    }
    context.release(heldBytes);
    lifecycle.leave();
  }
}
