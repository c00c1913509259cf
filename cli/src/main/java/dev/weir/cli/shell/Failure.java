package dev.weir.cli.shell;

/** Ends a command with exit code 1; the message says what happened and what to do. */
public final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A failure that is its own explanation. */
  public Failure(String message) {
    super(message);
  }

  /** A failure with the exception it came from. */
  public Failure(String message, Throwable cause) {
    super(message, cause);
  }
}
