package dev.weir.service.log;

import java.io.IOException;

/** The state of a checkpoint is larger than one can be; it may become smaller as values change. */
public final class CheckpointTooLargeException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Says how large it is, and how large it may be. */
  public CheckpointTooLargeException(long bytes, long bytesMax) {
    super("The state of the checkpoint has " + bytes + " bytes, and the most is " + bytesMax + ".");
  }
}
