package dev.weir.service.log.segment;

import dev.weir.service.core.OwnedBy;
import java.io.Closeable;
import java.io.IOException;

/**
 * The segment that a partition appends to. Owned by the partition's writer. Follows what the view
 * has committed: bytes behind that are either being written or to be cut.
 */
@OwnedBy("partition writer")
final class Active implements Closeable {
  private final Store store;
  private final SegmentView view;
  private final long epoch;
  private DataFile file;
  private boolean full;

  /**
   * Takes the active segment's open file.
   *
   * @param file null where the first append, or {@link #roll}, has to make one
   */
  Active(Store store, SegmentView view, long epoch, DataFile file) {
    this.store = store;
    this.view = view;
    this.epoch = epoch;
    this.file = file;
  }

  /** Whether a round needs a new segment first. */
  boolean tooFullFor(long bytes) {
    Committed now = view.committed();
    return full
        || now.endOffset() > now.active().firstOffset()
            && now.activeBytes() + bytes > store.options().segmentBytes();
  }

  /**
   * Starts a new segment behind what is committed, all of which is synced. When it fails, the old
   * one is not appended to any more: a file with the new name may be there.
   */
  void roll() throws IOException {
    full = true;
    Committed now = view.committed();
    PartitionDirectory directory = view.directory();
    Segment next = directory.segment(now.endOffset());
    SegmentHeader header = header(directory, view.salt(), epoch, store, now);
    DataFile made = directory.create(next, header);
    store.reserve().wrote(header.bytes());
    DataFile old = file;
    file = made;
    full = false;
    SegmentIndex index = new SegmentIndex(store.options().indexIntervalBytes());
    view.update(latest -> latest.with(next, index, header.bytes()));
    if (old != null) {
      old.close();
    }
  }

  private static SegmentHeader header(
      PartitionDirectory directory, Salt salt, long epoch, Store store, Committed now) {
    return new SegmentHeader(
        directory.partition(),
        salt,
        now.endOffset(),
        epoch,
        store.epochNanosClock().getAsLong(),
        new SegmentHeader.Before(now.endReadings(), now.lastAppendTimeNanos(), now.epochs()));
  }

  /**
   * Writes a round behind what is committed.
   *
   * @param synced how far the log is known to be synced, which the records repeat
   * @param seenNanos see {@link Round#write}
   */
  void write(Round round, Committed synced, long seenNanos) throws IOException {
    long position = view.committed().activeBytes();
    round.write(file, position, store.staging().get(), synced, seenNanos, view.salt());
  }

  void sync() throws IOException {
    file.sync(false);
  }

  /** Takes back what was written and is not committed, durably. */
  void cutBack() throws IOException {
    file.truncate(view.committed().activeBytes());
    file.sync(true);
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
