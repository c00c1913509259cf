package dev.weir.service.core.state;

/** The life of a publishing session. */
public enum PublishLifecycle {
  /** Nothing came yet. */
  WAIT_OPEN,
  /** {@code open} came; partitions are being asked. */
  OPENING,
  /** {@code opened} was sent. */
  OPEN,
  /** The client sends no more; what it sent is being settled. */
  DRAINING,
  /** Nothing is sent any more. */
  CLOSED;

  /** The events of a publishing session. */
  public enum Event {
    /** The client's {@code open}. */
    OPEN,
    /** Every partition has answered. */
    OPENED,
    /** The client half-closed. */
    HALF_CLOSE,
    /** The call ended: settled, refused, cancelled or failed. */
    END
  }

  /** The transitions that are allowed. */
  public static final StateTable<PublishLifecycle, Event> TABLE =
      StateTable.of(PublishLifecycle.class, Event.class)
          .allow(WAIT_OPEN, Event.OPEN, OPENING)
          .allow(WAIT_OPEN, Event.HALF_CLOSE, DRAINING)
          .allow(OPENING, Event.OPENED, OPEN)
          .allow(OPENING, Event.HALF_CLOSE, DRAINING)
          .allow(OPEN, Event.HALF_CLOSE, DRAINING)
          .allow(DRAINING, Event.OPENED, DRAINING)
          .allowFromOthers(Event.END, CLOSED)
          .build();
}
