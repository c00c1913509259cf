package dev.weir.bench;

/** A run could not be made, or did not end as it must. */
public final class BenchFailure extends Exception {
  private static final long serialVersionUID = 1L;

  /** A failure with a message for the user. */
  public BenchFailure(String message) {
    super(message);
  }

  /** A failure with a message for the user and its cause. */
  public BenchFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
