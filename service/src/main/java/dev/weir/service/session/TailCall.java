package dev.weir.service.session;

import dev.weir.service.core.Loop;
import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.Slice;
import dev.weir.service.wire.Frame;
import dev.weir.service.wire.UnknownFields;
import dev.weir.v1.GetSessionResponse;
import dev.weir.v1.Selector;
import dev.weir.v1.Subscription;
import dev.weir.v1.TailRequest;
import dev.weir.v1.TailResponse;
import dev.weir.v1.TailStarted;
import java.util.Iterator;

/** One Tail: a feed under HTTP/2 back-pressure only. Owned by the event loop. */
@OwnedBy("event loop")
public final class TailCall extends SingleFeed {
  private final Sending sending;
  private final Announcers announcers;

  /** Starts a call; its request follows. Event loop only. */
  public TailCall(Desk desk, Loop loop, Outbound out) {
    super(desk, loop, out, "Tail", true);
    this.sending = new Sending(desk, out);
    this.announcers = new Announcers(desk.admission().budgets().sessions());
  }

  @Override
  public void onMessage(Slice message) {
    if (isClosed()) {
      return;
    }
    RequestBounds.read(desk, TailRequest.getDefaultInstance(), message, this::asked, this::end);
  }

  private void asked(TailRequest request) {
    start(
        subscription(request),
        Orders.shape(request.getFormat()),
        deliveryBytesMax(),
        UnknownFields.fault(request));
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
        Frame.of(
            TailResponse.newBuilder()
                .setStarted(TailStarted.newBuilder().setCursor(feed.cursor().text()))
                .build()));
  }

  @Override
  void said(Emission emission) {
    if (emission instanceof Emission.Ended ended) {
      if (ended.fault().isPresent()) {
        end(ended.fault().get());
      } else {
        finish(Words.of(0, feed, ended));
      }
      return;
    }
    Iterator<Frame> before =
        announcers.before(feed.topic(), emission, feed.order().messageBytesMax());
    if (announcers.isFull()) {
      end(desk.sessionsFull());
      return;
    }
    sending.begin(before, Words.of(0, feed, emission));
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
  public void describe(GetSessionResponse.Builder description) {
    if (feed != null) {
      description.addSubscriptions(Words.state(0, Orders.effective(asked()), feed));
    }
  }
}
