package dev.weir.cli.shell;

/** Ends a command with exit code 1; its message explains what happened and what to do. */
public final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A failure that is its own explanation. */
  public CommandFailure(String message) {
    super(message);
  }

  /** A failure with the exception it came from. */
  public CommandFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
