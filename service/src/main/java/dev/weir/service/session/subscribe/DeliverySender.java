package dev.weir.service.session.subscribe;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.session.ResponseSender;
import dev.weir.service.session.ServerContext;
import dev.weir.service.wire.protobuf.OutgoingMessage;
import java.util.Collections;
import java.util.Iterator;

/**
 * A delivery on its way behind the messages that tell its sensors, each sent when the call has sent
 * the one before: they may be many times larger than it. Nothing else may be said in between. Owned
 * by the event loop.
 */
@OwnedBy("event loop")
final class DeliverySender {
  private final ResponseSender out;
  private final Budget unsent;
  private Iterator<OutgoingMessage> sensors = Collections.emptyIterator();
  private OutgoingMessage delivery; // null where nothing is on its way

  DeliverySender(ServerContext context, ResponseSender out) {
    this.out = out;
    this.unsent = context.admission().unsent();
  }

  boolean isUnderWay() {
    return delivery != null;
  }

  /** Sends a delivery, or the first message of those before it; nothing else is under way. */
  void begin(Iterator<OutgoingMessage> before, OutgoingMessage last) {
    if (before.hasNext()) {
      sensors = before;
      delivery = last;
      unsent.take(delivery.length()); // until the call counts it
      next();
    } else {
      out.send(last);
    }
  }

  /** Sends the next message of what is under way. */
  void next() {
    if (sensors.hasNext()) {
      out.send(sensors.next());
    } else {
      OutgoingMessage last = delivery;
      drop();
      out.send(last);
    }
  }

  /** Nothing is under way any more. Harmless when repeated. */
  void drop() {
    if (delivery != null) {
      unsent.giveBack(delivery.length());
      delivery = null;
      sensors = Collections.emptyIterator();
    }
  }
}
