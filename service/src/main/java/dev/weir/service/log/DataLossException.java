package dev.weir.service.log;

import java.io.IOException;

/** A partition cannot be served without silently losing data; the message names what is lost. */
public final class DataLossException extends IOException {
  private static final long serialVersionUID = 1L;

  public DataLossException(String message) {
    super(message);
  }
}
