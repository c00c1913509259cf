package dev.weir.service.log.segment;

import dev.weir.common.OwnedBy;
import dev.weir.common.file.DataFile;
import dev.weir.service.log.segment.file.ChecksumSalt;
import dev.weir.service.log.segment.file.CommittedState;
import dev.weir.service.log.segment.file.DirectorySyncState;
import dev.weir.service.log.segment.file.PartitionDirectory;
import dev.weir.service.log.segment.file.Segment;
import dev.weir.service.log.segment.file.SegmentHeader;
import dev.weir.service.log.segment.file.SegmentIndex;
import dev.weir.service.log.segment.read.ReadablePartition;
import java.io.Closeable;
import java.io.IOException;

/**
 * The segment that a partition appends to. Owned by the partition's writer, and by the sync thread
 * that has its append. Follows what the view has committed: bytes behind that are either being
 * written or to be cut. Its file is opened when something is to be appended, and shut where others
 * need it more.
 */
@OwnedBy("partition writer")
final class ActiveSegment implements Closeable {
  private final EngineContext store;
  private final ReadablePartition view;
  private final long epoch;
  private final DirectorySyncState names;
  private DataFile file; // null while it is shut
  private boolean full;
  private boolean unproven; // no record is in it, and its header may not have reached the disk

  /**
   * Takes the active segment as recovery leaves it.
   *
   * @param file the open file; null where it is shut
   * @param full whether nothing can be appended to it, so that {@link #roll} has to make another
   * @param names of the partition's directory
   */
  ActiveSegment(
      EngineContext store,
      ReadablePartition view,
      long epoch,
      DataFile file,
      boolean full,
      DirectorySyncState names) {
    this.store = store;
    this.view = view;
    this.epoch = epoch;
    this.file = file;
    this.full = full;
    this.names = names;
    CommittedState now = view.committed();
    this.unproven = file == null && now.endOffset() == now.active().firstOffset();
  }

  /** Returns whether a round needs a new segment first. */
  boolean tooFullFor(long bytes) {
    CommittedState now = view.committed();
    return full
        || now.endOffset() > now.active().firstOffset()
            && now.activeBytes() + bytes > store.options().segmentBytes();
  }

  /** Returns whether the names in its directory are durable. */
  DirectorySyncState names() {
    return names;
  }

  /** Returns whether its file is open. */
  boolean isOpen() {
    return file != null;
  }

  /**
   * Opens the file; what was not known to be durable before the first append is made so.
   *
   * @throws java.io.SyncFailedException if it may not be
   */
  void open() throws IOException {
    CommittedState now = view.committed();
    DataFile opened = view.directory().files().open(now.active().path());
    try {
      if (opened.size() < now.activeBytes()) {
        throw new IOException(
            now.active().path()
                + " has "
                + opened.size()
                + " bytes (expected at least "
                + now.activeBytes()
                + "): somebody else has changed it; restart the server to see what is left");
      }
      if (unproven) {
        view.directory().renew(now.active(), opened, 0, now.activeBytes());
        unproven = false;
      }
      names.ensure();
      file = opened;
    } finally {
      if (file == null) {
        opened.close();
      }
    }
  }

  /** Closes the file until the next append; everything in it is synced. */
  void shut() throws IOException {
    DataFile open = file;
    file = null;
    if (open != null) {
      open.close();
    }
  }

  /**
   * Starts a new segment behind what is committed, all of which is synced. When it fails, the old
   * one is not appended to any more: a file with the new name may be there.
   */
  void roll() throws IOException {
    names.check();
    full = true;
    CommittedState now = view.committed();
    PartitionDirectory directory = view.directory();
    Segment next = directory.segment(now.endOffset());
    SegmentHeader header = header(directory, view.salt(), epoch, store, now);
    DataFile made = directory.create(next, header);
    names.areDurable();
    store.reserve().wrote(header.bytes());
    DataFile old = file;
    file = made;
    full = false;
    unproven = false;
    SegmentIndex index =
        new SegmentIndex(store.options().indexIntervalBytes()).in(store.reads().activeIndexes());
    view.update(latest -> latest.with(next, index, header.bytes()));
    if (old != null) {
      old.close();
    }
  }

  private static SegmentHeader header(
      PartitionDirectory directory,
      ChecksumSalt salt,
      long epoch,
      EngineContext store,
      CommittedState now) {
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
   * @param seenNanos see {@link PendingAppend#write}
   */
  void write(PendingAppend round, CommittedState synced, long seenNanos) throws IOException {
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
    shut();
  }
}
