package dev.weir.common.file;

import java.io.IOException;

/**
 * A file could not be opened because too many are open; nothing was changed, and it may be tried
 * again once others are closed.
 */
public final class TooManyFilesException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * An exception for one file that could not be opened, and the bound that is reached.
   *
   * @param message names the file and the limit, for the operator
   * @param cause the operating system's error; null where the server's own bound is reached
   */
  public TooManyFilesException(String message, Throwable cause) {
    super(message, cause);
  }
}
