package dev.weir.service.core.state;

/**
 * The life of a feed: what it does now, and whether it has caught up. The states whose name ends in
 * {@code LIVE} are those of a feed that has said it caught up, and does not say it again when it
 * reads on.
 */
public enum FeedLifecycle {
  /**
   * Last values come first: a snapshot that was asked for, or those with which a feed in a reduced
   * mode joins its view.
   */
  JOINING,
  /** It reads what is stored, and has not been at the head since it began or fell behind. */
  CATCHING_UP,
  /** It is too far behind, and passes over readings as its overflow says. */
  LAGGING,
  /** It has said everything that was stored, and reads what comes. */
  LIVE,
  /** The same as {@link #JOINING}, of a feed that was live when it had to leave its view. */
  JOINING_LIVE,
  /** The same as {@link #LAGGING}, of a feed that was live. */
  LAGGING_LIVE,
  /** The feed has ended: it sends nothing more. */
  ENDED;

  /** The events of a feed. */
  public enum Event {
    /** Last values come before anything else. */
    JOIN,
    /** It is too far behind, and begins to pass over readings. */
    OVERFLOW,
    /** No last values are left to send, and nothing is left to pass over: it reads on. */
    RESUME,
    /** Everything stored was said. */
    CATCH_UP,
    /** The next record must be read where no other subscription has it. */
    FALL_BEHIND,
    /** Removed, complete, failed, lagged, or its call ended. */
    END
  }

  /** The transitions that are allowed. */
  public static final StateTable<FeedLifecycle, Event> TABLE =
      StateTable.of(FeedLifecycle.class, Event.class)
          .allow(JOINING, Event.RESUME, CATCHING_UP)
          .allow(CATCHING_UP, Event.JOIN, JOINING)
          .allow(CATCHING_UP, Event.OVERFLOW, LAGGING)
          .allow(CATCHING_UP, Event.CATCH_UP, LIVE)
          .allow(LAGGING, Event.RESUME, CATCHING_UP)
          .allow(LIVE, Event.JOIN, JOINING_LIVE)
          .allow(LIVE, Event.OVERFLOW, LAGGING_LIVE)
          .allow(LIVE, Event.FALL_BEHIND, CATCHING_UP)
          .allow(JOINING_LIVE, Event.RESUME, LIVE)
          .allow(LAGGING_LIVE, Event.RESUME, LIVE)
          .allowFromOthers(Event.END, ENDED)
          .build();
}
