package dev.weir.service.core.state;

/** The life of a subscription. */
public enum SubscriptionLifecycle {
  /** Its topic, sensors and start are being looked up. */
  RESOLVING,
  /** Its {@code status} was sent; readings may follow. */
  ACTIVE,
  /** The feed has ended: it sends nothing more. */
  ENDED;

  /** The events of a subscription. */
  public enum Event {
    /** The start is known. */
    RESOLVED,
    /** Refused, removed, complete, failed, or its call ended. */
    END
  }

  /** The transitions that are allowed. */
  public static final StateTable<SubscriptionLifecycle, Event> TABLE =
      StateTable.of(SubscriptionLifecycle.class, Event.class)
          .allow(RESOLVING, Event.RESOLVED, ACTIVE)
          .allowFromOthers(Event.END, ENDED)
          .build();
}
