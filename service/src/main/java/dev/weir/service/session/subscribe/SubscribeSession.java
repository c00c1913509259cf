package dev.weir.service.session.subscribe;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.config.Limit;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.state.SubscriptionLifecycle;
import dev.weir.service.session.CatchUpPool;
import dev.weir.service.session.GoAwayNotice;
import dev.weir.service.session.RequestParser;
import dev.weir.service.session.ResponseSender;
import dev.weir.service.session.ServerContext;
import dev.weir.service.session.SessionDescription;
import dev.weir.service.session.SessionHandler;
import dev.weir.service.session.SessionLifecycle;
import dev.weir.service.session.feed.Feed;
import dev.weir.service.session.feed.FeedEvent;
import dev.weir.service.session.feed.FeedMessages;
import dev.weir.service.session.feed.FeedSetting;
import dev.weir.service.session.feed.FeedSpec;
import dev.weir.service.session.feed.SubscriptionResolver;
import dev.weir.service.wire.check.UnknownFieldCheck;
import dev.weir.service.wire.protobuf.OutgoingMessage;
import dev.weir.v1.Commit;
import dev.weir.v1.CommitAck;
import dev.weir.v1.EndReason;
import dev.weir.v1.GrantCredit;
import dev.weir.v1.Pong;
import dev.weir.v1.SubscribeOpen;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import java.util.Iterator;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One subscribing session: several feeds that share it fairly by bytes. Answers go out before
 * readings; a feed without credit delays nobody. Owned by the event loop.
 */
@OwnedBy("event loop")
public final class SubscribeSession implements SessionHandler {
  private static final Logger logger = LoggerFactory.getLogger(SubscribeSession.class);
  private static final int REQUESTS_AHEAD = 16;

  private final ServerContext context;
  private final Loop loop;
  private final ResponseSender out;
  private final SessionLifecycle lifecycle;
  private final int deliveryBytesMax;
  private final SessionSubscriptions members;
  private final SensorAnnouncer announcers;
  private final SubscribeResponseQueue answers;
  private final DeficitRoundRobin round;
  private final DeliverySender sending;
  private final CatchUpPool.SessionTurns turns;
  private final SessionCursorCommits commits;
  private boolean opened;
  private boolean halfClosed;
  private boolean closed;
  private Fault ending; // null until the server ends it
  private boolean pumping;
  private int owed;
  private volatile boolean peerReading = true; // written by the loop, read by whoever watches

  /** Starts a session; the first message must be {@code open}. Event loop only. */
  public SubscribeSession(ServerContext context, Loop loop, ResponseSender out) {
    this.context = context;
    this.loop = loop;
    this.out = out;
    this.announcers = new SensorAnnouncer(context.admission().budgets().sessions());
    this.sending = new DeliverySender(context, out);
    this.turns = context.catchUp().session();
    this.answers = new SubscribeResponseQueue(context, loop, this);
    this.commits = new SessionCursorCommits(context, loop, this::committed, this::refuse);
    this.deliveryBytesMax = context.limits().getInt(Limit.DELIVERY_BYTES_MAX);
    this.round = new DeficitRoundRobin(deliveryBytesMax);
    this.lifecycle = new SessionLifecycle(context, loop, out, this, "Subscribe", "subscribe");
    this.members = new SessionSubscriptions(context, lifecycle);
    lifecycle.refusal().ifPresentOrElse(this::end, () -> out.request(REQUESTS_AHEAD));
  }

  @Override
  public void onMessage(Slice message) {
    if (closed || ending != null) {
      return;
    }
    owed++;
    Consumer<Fault> refused = opened ? this::refuse : this::end;
    RequestParser.read(
        context, SubscribeRequest.getDefaultInstance(), message, this::take, refused, this::end);
  }

  private void take(SubscribeRequest request) {
    Optional<Fault> unknown = opened ? UnknownFieldCheck.fault(request) : Optional.empty();
    if (!opened) {
      open(request);
    } else if (request.hasAdd()) {
      add(request.getAdd(), unknown);
    } else if (unknown.isPresent()) {
      refuse(unknown.get());
    } else if (request.hasRemove()) {
      remove(request.getRemove().getSubscription());
    } else if (request.hasCredit()) {
      credit(request.getCredit());
    } else if (request.hasCommit()) {
      commit(request.getCommit());
    } else if (request.hasPing()) {
      answers.add(
          SubscribeResponse.newBuilder()
              .setPong(Pong.newBuilder().setId(request.getPing().getId())));
    } else if (request.hasOpen()) {
      refuse(
          Fault.of(ErrorCode.SESSION_NOT_OPEN, "The session is open already. Send `open` once."));
    } else {
      refuse(
          Fault.invalid(
              "request", "is not set (expected open, add, remove, credit, commit or ping)"));
    }
    pump();
  }

  private void open(SubscribeRequest request) {
    SubscribeOpen open = request.getOpen();
    Optional<Fault> wrong = SubscribeOpenCheck.check(request, context.limits());
    if (wrong.isPresent()) {
      end(wrong.get());
      return;
    }
    opened = true;
    out.facts().client(open.getClient());
    Optional<Fault> full = lifecycle.admit();
    if (full.isPresent()) {
      end(full.get());
      return;
    }
    lifecycle.opened(open.getFeaturesList(), () -> owed < REQUESTS_AHEAD);
    answers.add(
        SubscribeResponse.newBuilder()
            .setOpened(SubscribeOpenCheck.opened(lifecycle.id(), open, context.limits())));
    open.getSubscriptionsList().forEach(asked -> add(asked, UnknownFieldCheck.fault(asked)));
  }

  // ---- requests

  private void add(Subscription asked, Optional<Fault> unknown) {
    Optional<Fault> wrong = unknown.or(() -> members.add(asked));
    if (wrong.isPresent()) {
      answers.refused(asked.getId(), wrong.get());
      return;
    }
    SessionSubscription member = members.get(asked.getId());
    SubscriptionResolver.make(
        context,
        loop,
        asked,
        SubscriptionResolver.shape(asked.getFormat()),
        new SubscriptionResolver.Waiting(out.facts(), () -> !member.gone),
        order -> resolved(member, order),
        fault -> unresolved(member, fault));
  }

  private void resolved(SessionSubscription member, FeedSpec order) {
    if (closed || member.state == SubscriptionLifecycle.ENDED) {
      SubscriptionResolver.discard(context, order);
      return;
    }
    member.advance(SubscriptionLifecycle.Event.RESOLVED);
    var setting =
        FeedSetting.of(
                context,
                turns,
                loop,
                loop.bulk(),
                deliveryBytesMax,
                () -> peerReading,
                () -> wake(member))
            .heldBy(context.snapshots(out.facts().peer()));
    member.feed = new Feed(setting, order, member.credit);
    member.throttle = new DeliveryThrottle(context, loop, lifecycle, () -> wake(member));
    context.meters().subscriptionsChanged(1);
    answers.begun(member);
    member.scheduleProgress(loop, () -> wake(member));
    wake(member);
  }

  private void unresolved(SessionSubscription member, Fault fault) {
    if (!closed && member.state != SubscriptionLifecycle.ENDED) {
      drop(member);
      answers.refused(member.asked.getId(), fault);
      pump();
    }
  }

  private void remove(int subscription) {
    SessionSubscription member = members.get(subscription);
    if (member == null) {
      refuse(SubscriptionFaults.unknown("remove", subscription));
      return;
    }
    if (member.feed != null) {
      FeedEvent.Ended ended = member.feed.end(EndReason.END_REASON_REMOVED, Optional.empty());
      answers.add(FeedMessages.of(subscription, member.feed, ended));
    } else {
      answers.removed(subscription);
    }
    drop(member);
  }

  private void credit(GrantCredit grant) {
    SessionSubscription member = members.get(grant.getSubscription());
    if (member == null) {
      refuse(SubscriptionFaults.unknown("credit", grant.getSubscription()));
    } else if (!grant.hasCredit()) {
      refuse(Fault.invalid("credit.credit", "is required"));
    } else {
      SubscriptionResolver.grant(member.credit, grant.getCredit());
      round.add(member);
    }
  }

  private void commit(Commit asked) {
    SessionSubscription member = members.get(asked.getSubscription());
    if (member == null || member.feed == null) {
      refuse(SubscriptionFaults.unknown("commit", asked.getSubscription()));
      return;
    }
    commits.commit(member.feed, member.asked, asked.getCursor());
  }

  private void committed(CommitAck ack) {
    if (!closed) {
      answers.add(SubscribeResponse.newBuilder().setCommitAck(ack));
      pump();
    }
  }

  private void refuse(Fault fault) {
    answers.refused(fault);
    pump();
  }

  // ---- sending

  @Override
  public void onReady() {
    pump();
  }

  private void wake(SessionSubscription member) {
    round.add(member);
    pump();
  }

  private void pump() {
    if (closed || pumping) {
      return;
    }
    pumping = true; // a feed may wake itself while asked
    peerReading = true;
    try {
      sendAll();
    } catch (RuntimeException defect) {
      logger.error(
          "Session {} ends, because sending failed. This is a defect; report it with the stack.",
          lifecycle.id(),
          defect);
      end(
          Fault.of(
              ErrorCode.INTERNAL,
              "A defect of the server ended the call, because sending failed: " + defect));
    }
    pumping = false;
    peerReading = closed || out.ready();
    if (answers.isEmpty() && owed > commits.underWay() && !closed && ending == null) {
      int more = owed - commits.underWay(); // a commit under way holds the place of its message
      owed = commits.underWay(); // a message may come before request returns
      out.request(more);
    }
    if (answers.isEmpty() && commits.underWay() == 0 && !closed) {
      if (ending != null) {
        end(ending);
      } else if (halfClosed && members.isEmpty() && !sending.isUnderWay()) {
        close();
        out.finish();
      }
    }
  }

  private void sendAll() {
    boolean some = false;
    while (out.ready() && !closed) {
      if (sending.isUnderWay()) {
        sending.next();
      } else if (!answers.isEmpty()) {
        out.send(answers.next());
      } else if (round.isEmpty() || ending != null) {
        break;
      } else {
        serve();
      }
      some = true;
    }
    answers.moved(some);
  }

  /** Lets the feed whose turn it is say one thing. */
  private void serve() {
    SessionSubscription member = round.take();
    if (member == null) {
      return;
    }
    member.throttle.check(member.credit);
    if (!round.begin(member)) {
      return;
    }
    FeedEvent emission = member.feed.next();
    if (emission == null) {
      round.idle(member);
      return;
    }
    send(member, emission);
    if (emission instanceof FeedEvent.Ended) {
      drop(member);
    } else {
      round.goOn(member);
    }
  }

  private void send(SessionSubscription member, FeedEvent emission) {
    member.throttle.charge(emission);
    member.feed.count(emission, context.meters());
    Iterator<OutgoingMessage> before =
        announcers.before(member.feed.topic(), emission, member.asked.getMaxMessageBytes());
    if (announcers.isFull()) {
      end(context.sessionsFull());
      return;
    }
    if (emission instanceof FeedEvent.Data data) {
      member.deficit -= data.bytes();
    }
    sending.begin(before, FeedMessages.of(member.asked.getId(), member.feed, emission));
  }

  private void drop(SessionSubscription member) {
    if (member.state == SubscriptionLifecycle.ACTIVE) {
      context.meters().subscriptionsChanged(-1);
    }
    member.advance(SubscriptionLifecycle.Event.END);
    members.remove(member);
    member.cancelProgress.run();
    if (member.feed != null) {
      member.feed.close();
      member.throttle.end();
      announcers.ended(member.feed.topic());
    }
  }

  @Override
  public boolean describe(SessionDescription description) {
    return members.describe(description);
  }

  // ---- ending

  @Override
  public void onHalfClosed() {
    if (!opened) {
      end(
          Fault.of(
              ErrorCode.SESSION_NOT_OPEN,
              "The call was half-closed before `open`. Send `open` first."));
    } else {
      halfClosed = true;
      lifecycle.halfClosed();
      pump();
    }
  }

  @Override
  public void end(Fault fault) {
    if (!closed) {
      close();
      out.fail(fault);
    }
  }

  /** Answers and commits go out; readings wait for the next session. */
  @Override
  public void settle(Fault fault) {
    if (!closed && ending == null) {
      ending = fault;
      lifecycle.settling(fault);
      pump();
    }
  }

  @Override
  public void goAway(GoAwayNotice departure) {
    if (!opened) {
      end(departure.why());
    } else if (!closed && ending == null) {
      lifecycle.goAway(
          departure,
          message -> {
            members.addCursors(message);
            answers.add(SubscribeResponse.newBuilder().setGoingAway(message));
            pump();
          });
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
    sending.drop();
    answers.close();
    commits.close();
    for (SessionSubscription member : members.all()) {
      drop(member);
    }
    announcers.close();
    lifecycle.leave();
  }
}
