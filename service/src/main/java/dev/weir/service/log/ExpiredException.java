package dev.weir.service.log;

import java.io.IOException;

/** The offset asked for is not stored any more: retention has deleted it. */
public final class ExpiredException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * Says what was asked for.
   *
   * @param partition where
   * @param offset the offset asked for
   * @param startOffset first offset still stored
   */
  public ExpiredException(PartitionId partition, long offset, long startOffset) {
    super(
        partition
            + ": offset "
            + offset
            + " was deleted by retention; the log begins at offset "
            + startOffset);
  }
}
