package dev.weir.service.session.subscribe;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.config.Limit;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.CallTimeout;
import dev.weir.service.session.RequestParser;
import dev.weir.service.session.ResponseSender;
import dev.weir.service.session.ServerContext;
import dev.weir.service.session.feed.FeedEvent;
import dev.weir.service.session.feed.FeedFormat;
import dev.weir.service.session.feed.FeedMessages;
import dev.weir.service.wire.check.UnknownFieldCheck;
import dev.weir.service.wire.protobuf.OutgoingMessage;
import dev.weir.v1.Gap;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.ReadResponse;
import dev.weir.v1.Selector;
import dev.weir.v1.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One Read: gathers a page from a feed, and at the end of the log waits for the first reading if
 * asked to. Owned by the event loop.
 */
@OwnedBy("event loop")
public final class ReadCall extends SingleFeedCall {
  private static final int LIMIT_DEFAULT = 100;

  private final int pageBytesMax;
  private final CallTimeout bound = new CallTimeout();
  private final List<Slice> readings = new ArrayList<>(); // encoded
  private final ReadResponse.Builder response = ReadResponse.newBuilder();
  private long waitNanos;
  private int readingsBytes;
  private int gapBytes;
  private int heldBytes; // of the budget
  private boolean waiting;
  private Runnable cancelWait = () -> {};

  /** Starts a call; its request follows. Event loop only. */
  public ReadCall(ServerContext context, Loop loop, ResponseSender out) {
    super(context, loop, out, "Read", false);
    // The last fetch brings at most as much again.
    this.pageBytesMax = context.limits().getInt(Limit.READ_BYTES_MAX) / 2;
  }

  @Override
  public void onMessage(Slice message) {
    if (isClosed()) {
      return;
    }
    RequestParser.read(context, ReadRequest.getDefaultInstance(), message, this::asked, this::end);
  }

  private void asked(ReadRequest request) {
    long waitMillis = SubscriptionCheck.millis(request.getWait());
    waitNanos = waitMillis * 1_000_000L;
    long millisMax =
        context.limits().get(Limit.CALL_DEADLINE_MS_MAX)
            + Math.max(0, Math.min(waitMillis, context.limits().get(Limit.READ_WAIT_MS_MAX)));
    bound.begin(loop, millisMax, () -> late(millisMax));
    start(
        subscription(request),
        FeedFormat.PAGE,
        Math.min(pageBytesMax, deliveryBytesMax()),
        UnknownFieldCheck.fault(request).or(() -> tooMuch(request, waitMillis)));
  }

  private Optional<Fault> tooMuch(ReadRequest request, long waitMillis) {
    long limitMax = context.limits().get(Limit.READ_LIMIT_MAX);
    if (Integer.toUnsignedLong(request.getLimit()) > limitMax) {
      return Optional.of(
          Fault.invalid("limit", "is more than read_limit_max (" + limitMax + "); read in pages"));
    }
    long waitMax = context.limits().get(Limit.READ_WAIT_MS_MAX);
    return waitMillis >= 0 && waitMillis <= waitMax
        ? Optional.empty()
        : Optional.of(
            Fault.invalid("wait", "must be from 0 to " + waitMax + " ms (read_wait_ms_max)"));
  }

  private static Subscription subscription(ReadRequest request) {
    Subscription.Builder subscription =
        Subscription.newBuilder()
            .setTopic(request.getTopic())
            .setSelector(
                request.hasSelector()
                    ? request.getSelector()
                    : Selector.newBuilder().setAll(true).build())
            .setOnExpiredValue(request.getOnExpiredValue())
            .setEventTime(request.getEventTime());
    if (request.hasStart()) {
      subscription.setStart(request.getStart());
    }
    subscription
        .getUntilBuilder()
        .setCount(request.getLimit() == 0 ? LIMIT_DEFAULT : request.getLimit());
    return subscription.build();
  }

  @Override
  boolean isBrief() {
    return waitNanos == 0;
  }

  /** Not the bulk one: a page is not much, and somebody waits for it. */
  @Override
  Loop loopOfStored() {
    return loop;
  }

  @Override
  boolean ready() {
    return true; // one message only
  }

  @Override
  void started() {
    if (waitNanos > 0) {
      waiting = true;
      cancelWait = loop.schedule(waitNanos, this::waited);
    }
  }

  /** It waits at the end of the log no longer; what is stored is gathered all the same. */
  private void waited() {
    waiting = false;
    pump();
  }

  @Override
  void released() {
    cancelWait.run();
    bound.end();
    context.admission().unsent().giveBack(heldBytes);
    heldBytes = 0;
  }

  /**
   * Answers with the readings so far; the cursor is behind everything looked through, even if
   * nothing of it matched.
   */
  private void late(long millisMax) {
    if (feed == null) {
      end(CallTimeout.late(millisMax));
    } else {
      answer();
    }
  }

  @Override
  void said(FeedEvent emission) {
    if (emission instanceof FeedEvent.Data data) {
      Slice entries = Slice.joined(data.parts());
      readings.add(entries);
      readingsBytes += entries.length();
      taken();
    } else if (emission instanceof FeedEvent.Lost lost) {
      Gap gap = FeedMessages.gap(0, feed, lost);
      response.addGaps(gap);
      gapBytes += gap.getSerializedSize();
      taken();
    } else if (emission instanceof FeedEvent.Ended ended) {
      if (ended.fault().isPresent()) {
        end(ended.fault().get());
      } else {
        answer();
      }
    }
  }

  /** The page ends early where memory is short, or as much again would not be taken. */
  private void taken() {
    waiting = false;
    int bytes = readingsBytes + gapBytes;
    int more = bytes - heldBytes;
    context.admission().unsent().take(more);
    heldBytes = bytes;
    if (bytes >= pageBytesMax
        || bytes > ServerContext.DELIVERY_BYTES_LEAST && context.admission().unsent().isNearlyUsed()
        || !out.hasRoom(bytes + more)) {
      answer();
    }
  }

  /**
   * Answers with the readings gathered so far, which do not wait for a quota that holds back the
   * rest.
   */
  @Override
  void idle() {
    if (feed.atHead() ? !waiting : heldBytes > 0 && feed.credit().isHeld()) {
      answer();
    }
  }

  private void answer() {
    if (isClosed()) {
      return;
    }
    Optional<Fault> unread = out.full(heldBytes);
    if (unread.isPresent()) {
      end(unread.get());
      return;
    }
    response.setNextCursor(feed.cursor().text()).setCaughtUp(feed.atHead());
    finish(OutgoingMessage.of(response.build(), readings));
  }
}
