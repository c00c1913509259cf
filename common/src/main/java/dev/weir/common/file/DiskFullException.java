package dev.weir.common.file;

import java.io.IOException;

/** The store has no space left; the same append may be tried again once there is some. */
public final class DiskFullException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * An exception for one full store.
   *
   * @param message names the file, for the operator
   * @param cause the operating system's error; null where the store found out by itself
   */
  public DiskFullException(String message, Throwable cause) {
    super(message, cause);
  }
}
