package dev.weir.service.log.segment;

import dev.weir.service.log.DamagedRange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Brings a partition's files into a state that can be appended to, and makes that durable. Owned by
 * whoever claims; done when {@link #run} returns.
 */
final class Recovery {
  private static final int COPY_BYTES = 1 << 20;

  private final Store store;
  private final PartitionDirectory directory;
  private final long epoch;
  private final Watermark.Slots watermark;
  private Salt salt;
  private Committed committed;
  private DataFile file;

  private Recovery(
      Store store, PartitionDirectory directory, long epoch, Watermark.Slots watermark) {
    this.store = store;
    this.directory = directory;
    this.epoch = epoch;
    this.watermark = watermark;
  }

  /** Recovers a partition, or makes it. */
  static SegmentLog run(
      Store store,
      PartitionDirectory directory,
      Findings findings,
      long epoch,
      RandomGenerator random,
      Watermark.Slots watermark,
      boolean buffered,
      Runnable onClose)
      throws IOException {
    Recovery recovery = new Recovery(store, directory, epoch, watermark);
    try {
      if (findings == null) {
        recovery.make(random);
      } else {
        recovery.mend(findings);
      }
      long seen =
          findings == null ? 0 : watermark.newest().seenSince(recovery.committed.endOffset());
      watermark.write(watermark(recovery.committed, epoch, seen, recovery.salt));
      SegmentView view =
          new SegmentView(
              directory, recovery.salt, store.options(), store.reads(), recovery.committed);
      Active active = new Active(store, view, epoch, recovery.file);
      if (recovery.file == null) {
        active.roll();
      }
      return new SegmentLog(store, view, epoch, active, watermark, buffered, onClose);
    } catch (IOException | RuntimeException e) {
      if (recovery.file != null) {
        recovery.file.close();
      }
      throw e;
    }
  }

  static Watermark watermark(Committed now, long epoch, long seenNanos, Salt salt) {
    return new Watermark(
        now.endOffset(), now.endReadings(), epoch, now.lastAppendTimeNanos(), seenNanos, salt);
  }

  /** Makes the first segment; the salt is durable before it is used. */
  private void make(RandomGenerator random) throws IOException {
    salt = watermark.newest() == null ? new Salt(random.nextLong()) : watermark.newest().salt();
    watermark.write(new Watermark(0, 0, epoch, Long.MIN_VALUE, 0, salt));
    directory.files().syncDirectory(directory.path());
    Segment first = directory.segment(0);
    SegmentHeader header =
        new SegmentHeader(
            directory.partition(),
            salt,
            0,
            epoch,
            store.epochNanosClock().getAsLong(),
            new SegmentHeader.Before(0, Long.MIN_VALUE, List.of()));
    file = directory.create(first, header);
    committed =
        new Committed(
            new Segments(List.of(first), 0, 0),
            new SegmentIndex(store.options().indexIntervalBytes()),
            header.bytes(),
            0,
            0,
            Long.MIN_VALUE,
            List.of());
  }

  private void mend(Findings findings) throws IOException {
    salt = findings.salt();
    committed = findings.committed();
    TailVerdict verdict = findings.verdict();
    tell(findings);
    Watermark before = watermark.newest();
    long syncedOffset = findings.synced().offset();
    // What proves loss may be about to be deleted or cut; so it is written down first.
    watermark.write(
        new Watermark(
            syncedOffset,
            findings.synced().readings(),
            epoch,
            findings.synced().lastAppendTimeNanos(),
            before == null ? 0 : before.seenSince(syncedOffset),
            salt));
    if (findings.emptied() != null) {
      directory.files().delete(findings.emptied().path());
    }
    directory.files().syncDirectory(directory.path());
    file = directory.files().open(findings.last().path());
    file.truncate(verdict.keptBytes());
    rewrite(findings);
    file.sync(true);
    if (!findings.appendable()) {
      file.close();
      file = null;
    }
  }

  /**
   * Writes again what is kept and not proven synced. After a failed sync the operating system may
   * take pages for clean that never reached the disk; only written again does a sync mean them.
   */
  private void rewrite(Findings findings) throws IOException {
    long at = findings.unprovenFromByte();
    long end = findings.verdict().keptBytes();
    ByteBuffer copy = ByteBuffer.allocate((int) Math.max(0, Math.min(COPY_BYTES, end - at)));
    while (at < end) {
      copy.clear().limit((int) Math.min(copy.capacity(), end - at));
      int done = file.read(copy, at);
      if (done == 0) {
        throw new IOException(findings.last().path() + " became shorter while it was recovered");
      }
      file.write(copy.flip(), at);
      at += done;
    }
  }

  private void tell(Findings findings) throws IOException {
    TailVerdict verdict = findings.verdict();
    if (findings.header() == null) {
      event(
          SegmentEvent.Kind.HEADER_DAMAGED,
          findings.last().path() + ": the segment's header is damaged; a new segment is started");
    }
    for (DamagedRange loss : verdict.losses()) {
      event(
          SegmentEvent.Kind.DATA_LOSS,
          "offsets "
              + loss.fromOffset()
              + " to "
              + (loss.nextOffset() - 1)
              + " were stored and cannot be read, readings lost: "
              + (loss.readings() < 0 ? "unknown" : loss.readings())
              + ", "
              + loss.detail());
    }
    long cut = findings.scan().fileBytes() - verdict.keptBytes();
    if (findings.emptied() != null) {
      cut += directory.bytes(findings.emptied()); // of its header; often nothing
    }
    if (cut > 0) {
      event(
          SegmentEvent.Kind.TORN_TAIL,
          "cut what a crash left unsynced and torn behind offset "
              + (verdict.end().offset() - 1)
              + ": "
              + cut
              + " bytes, whole records among them "
              + verdict.cutRecords()
              + ", "
              + findings.last().path());
    }
  }

  private void event(SegmentEvent.Kind kind, String text) {
    store.events().accept(new SegmentEvent(kind, directory.partition(), text));
  }

  /** Deletes what a crash left of files that were being made. */
  static void sweep(PartitionDirectory directory) throws IOException {
    List<Path> left = new ArrayList<>();
    for (String name : directory.files().list(directory.path())) {
      if (name.endsWith(PartitionDirectory.TEMPORARY_SUFFIX)) {
        left.add(directory.path().resolve(name));
      }
    }
    for (Path path : left) {
      directory.files().delete(path);
    }
  }
}
