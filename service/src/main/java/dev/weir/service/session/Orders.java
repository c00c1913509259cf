package dev.weir.service.session;

import dev.weir.service.core.credit.Credit;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.partition.Topic;
import dev.weir.service.wire.Selection;
import dev.weir.v1.Format;
import dev.weir.v1.Mode;
import dev.weir.v1.OnExpired;
import dev.weir.v1.Overflow;
import dev.weir.v1.Selector;
import dev.weir.v1.Subscription;
import dev.weir.v1.Until;
import java.util.List;
import java.util.Set;

/** Turns what a client asks for into what a feed delivers. Stateless; blocks on disk. */
final class Orders {
  private Orders() {}

  /**
   * The order of a checked subscription.
   *
   * @throws FaultException why it cannot be served
   */
  static Feed.Order of(Desk desk, Subscription asked, Shape shape) {
    Topic topic = desk.topic(asked.getTopic());
    FeedStart start = FeedStart.resolve(topic, asked.getStart());
    Until until = asked.getUntil();
    return new Feed.Order(
        topic,
        selection(topic, asked.getSelector()),
        shape,
        start.cursor(),
        start.lost(),
        until.getNow() ? topic.heads() : List.of(),
        until.getCount() <= 0 ? Long.MAX_VALUE : until.getCount());
  }

  private static Selection selection(Topic topic, Selector selector) {
    return selector.getAll()
        ? Selection.all()
        : Selection.of(new SensorFilter(topic.sensors(), Set.copyOf(selector.getNamesList())));
  }

  /** The settings in force for a subscription. */
  static Subscription effective(Subscription asked) {
    Subscription.Builder effective =
        asked.toBuilder()
            .setOnExpired(OnExpired.ON_EXPIRED_FAIL)
            .setMode(Mode.MODE_EVERY)
            .setOverflow(Overflow.OVERFLOW_CATCH_UP)
            .setFormat(
                asked.getFormat() == Format.FORMAT_COLUMNS
                    ? Format.FORMAT_COLUMNS
                    : Format.FORMAT_ROWS);
    if (!asked.getStart().hasLatest() && asked.getStart().getAtCase().getNumber() == 0) {
      effective.getStartBuilder().setLatest(true);
    }
    return effective.build();
  }

  /** How a subscription's readings are encoded. */
  static Shape shape(Format format) {
    return format == Format.FORMAT_COLUMNS ? Shape.COLUMNS : Shape.ROWS;
  }

  /** The credit a subscription begins with; absent means none is needed. */
  static Credit credit(Subscription asked) {
    Credit credit = new Credit(0, 0);
    if (asked.hasCredit()) {
      grant(credit, asked.getCredit());
      return credit;
    }
    return Credit.unlimited();
  }

  /** Raises credit by a grant. */
  static void grant(Credit credit, dev.weir.v1.Credit granted) {
    credit.grant(
        Credit.total(granted.hasReadings(), granted.getReadings()),
        Credit.total(granted.hasBytes(), granted.getBytes()));
  }

  /** A problem for the one asked about a subscription that cannot be served. */
  static Fault faultOf(RuntimeException failed) {
    return failed instanceof FaultException refused
        ? refused.fault()
        : Fault.of(
            dev.weir.service.core.fault.ErrorCode.INTERNAL,
            "the subscription could not be started: " + failed);
  }
}
