package dev.weir.service.core.overflow;

/** The action of a subscription on its lag in one partition. */
public enum OverflowAction {
  /** It is not too far behind, or never is: it reads on. */
  READ_ON,
  /** It gets the last values of what it has not got, and goes on behind them. */
  CONFLATE,
  /** It goes on nearer to the head. */
  DROP_OLDEST,
  /** It ends. */
  END
}
