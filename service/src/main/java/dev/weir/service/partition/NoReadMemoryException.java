package dev.weir.service.partition;

import java.io.IOException;

/** There is no memory for a record that would be read next; others will give some back. */
public final class NoReadMemoryException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Says how much was asked for. */
  public NoReadMemoryException(long bytes) {
    super("no room to read a record of " + bytes + " bytes now (catchup_block_bytes)");
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this; // nothing is wrong; whoever reads tries again
  }
}
