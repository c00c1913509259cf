package dev.weir.service.log;

import java.io.IOException;

/**
 * Reads one partition forward. Owned by whoever opened it: one thread at a time. Blocks on disk.
 */
public interface LogReader extends AutoCloseable {
  /**
   * The item at the position, or null at the committed end; later calls may then find more.
   * Checksums are verified; what does not verify comes as a {@link DamagedRange}.
   *
   * @throws ExpiredException if retention has deleted the position; the reader is of no more use
   * @throws IOException if the store cannot be read; the position stays
   */
  LogItem next() throws IOException;

  /**
   * Bytes of memory that the item which is next takes, at least; 0 where it takes none or nobody
   * knows. Blocks as {@link #next} does, and throws what it throws.
   */
  default long nextBytes() throws IOException {
    return 0;
  }

  /**
   * Goes back by one record, so that {@link #next} gives it again.
   *
   * @return false where it cannot; then nothing has changed
   */
  default boolean repeat() {
    return false;
  }

  /** Bytes of the records given so far, as they are stored; 0 where the store does not know. */
  default long bytesPassed() {
    return 0;
  }

  @Override
  void close();
}
