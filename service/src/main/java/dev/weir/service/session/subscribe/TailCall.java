package dev.weir.service.session.subscribe;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.core.Slice;
import dev.weir.service.session.RequestParser;
import dev.weir.service.session.ResponseSender;
import dev.weir.service.session.ServerContext;
import dev.weir.service.session.SessionDescription;
import dev.weir.service.session.feed.FeedEvent;
import dev.weir.service.session.feed.FeedMessages;
import dev.weir.service.session.feed.SubscriptionResolver;
import dev.weir.service.wire.check.UnknownFieldCheck;
import dev.weir.service.wire.protobuf.OutgoingMessage;
import dev.weir.v1.Selector;
import dev.weir.v1.Subscription;
import dev.weir.v1.TailRequest;
import dev.weir.v1.TailResponse;
import dev.weir.v1.TailStarted;
import java.util.Iterator;

/** One Tail: a feed under HTTP/2 back-pressure only. Owned by the event loop. */
@OwnedBy("event loop")
public final class TailCall extends SingleFeedCall {
  private final DeliverySender sending;
  private final SensorAnnouncer announcers;

  /** Starts a call; its request follows. Event loop only. */
  public TailCall(ServerContext context, Loop loop, ResponseSender out) {
    super(context, loop, out, "Tail", true);
    this.sending = new DeliverySender(context, out);
    this.announcers = new SensorAnnouncer(context.admission().budgets().sessions());
  }

  @Override
  public void onMessage(Slice message) {
    if (isClosed()) {
      return;
    }
    RequestParser.read(context, TailRequest.getDefaultInstance(), message, this::asked, this::end);
  }

  private void asked(TailRequest request) {
    start(
        subscription(request),
        SubscriptionResolver.shape(request.getFormat()),
        deliveryBytesMax(),
        UnknownFieldCheck.fault(request));
  }

  private static Subscription subscription(TailRequest request) {
    Subscription.Builder subscription =
        Subscription.newBuilder()
            .setTopic(request.getTopic())
            .setSelector(
                request.hasSelector()
                    ? request.getSelector()
                    : Selector.newBuilder().setAll(true).build())
            .setOnExpiredValue(request.getOnExpiredValue())
            .setUntil(request.getUntil())
            .setModeValue(request.getModeValue())
            .setOverflowValue(request.getOverflowValue())
            .setFormatValue(request.getFormatValue())
            .setEventTime(request.getEventTime())
            .setSnapshot(request.getSnapshot())
            .setMaxAge(request.getMaxAge())
            .setMaxMessageBytes(request.getMaxMessageBytes());
    if (request.hasStart()) {
      subscription.setStart(request.getStart());
    }
    if (request.hasOnChange()) {
      subscription.setOnChange(request.getOnChange());
    }
    if (request.hasSample()) {
      subscription.setSample(request.getSample());
    }
    if (request.hasThreshold()) {
      subscription.setThreshold(request.getThreshold());
    }
    if (request.hasMaxLag()) {
      subscription.setMaxLag(request.getMaxLag());
    }
    long limit = request.getLimit();
    long count = request.getUntil().getCount();
    if (limit > 0 && (count <= 0 || limit < count)) {
      subscription.getUntilBuilder().setCount(limit);
    }
    return subscription.build();
  }

  @Override
  void started() {
    out.send(
        OutgoingMessage.of(
            TailResponse.newBuilder()
                .setStarted(TailStarted.newBuilder().setCursor(feed.cursor().text()))
                .build()));
  }

  @Override
  void said(FeedEvent emission) {
    if (emission instanceof FeedEvent.Ended ended) {
      if (ended.fault().isPresent()) {
        end(ended.fault().get());
      } else {
        finish(FeedMessages.of(0, feed, ended));
      }
      return;
    }
    Iterator<OutgoingMessage> before =
        announcers.before(feed.topic(), emission, feed.order().messageBytesMax());
    if (announcers.isFull()) {
      end(context.sessionsFull());
      return;
    }
    sending.begin(before, FeedMessages.of(0, feed, emission));
  }

  @Override
  boolean saysMore() {
    boolean more = sending.isUnderWay();
    if (more) {
      sending.next();
    }
    return more;
  }

  @Override
  void released() {
    sending.drop();
    announcers.close();
  }

  @Override
  public boolean describe(SessionDescription description) {
    if (feed != null && description.nextId() == 0) {
      description.add(
          0,
          feed.topic().partitions().size(),
          FeedMessages.state(0, SubscriptionResolver.effective(asked()), feed));
    }
    return false;
  }
}
