package dev.weir.service.log.segment;

import dev.weir.common.file.DataFile;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.segment.file.ChecksumSalt;
import dev.weir.service.log.segment.file.CommittedState;
import dev.weir.service.log.segment.file.DirectorySyncState;
import dev.weir.service.log.segment.file.PartitionDirectory;
import dev.weir.service.log.segment.file.Segment;
import dev.weir.service.log.segment.file.SegmentEvent;
import dev.weir.service.log.segment.file.SegmentHeader;
import dev.weir.service.log.segment.file.SegmentIndex;
import dev.weir.service.log.segment.file.SegmentList;
import dev.weir.service.log.segment.file.Watermark;
import dev.weir.service.log.segment.read.ReadablePartition;
import dev.weir.service.log.segment.recovery.PartitionScan;
import dev.weir.service.log.segment.recovery.RecoveryVerdict;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Brings a partition's files into a state that can be appended to, and makes that durable. Owned by
 * whoever claims; done when {@link #run} returns.
 */
final class PartitionRecovery {
  private final EngineContext store;
  private final PartitionDirectory directory;
  private final long epoch;
  private final Watermark.Slots watermark;
  private ChecksumSalt salt;
  private CommittedState committed;
  private DataFile file;

  PartitionRecovery(
      EngineContext store, PartitionDirectory directory, long epoch, Watermark.Slots watermark) {
    this.store = store;
    this.directory = directory;
    this.epoch = epoch;
    this.watermark = watermark;
  }

  /** Recovers a partition, or makes it. */
  SegmentLog run(PartitionScan findings, RandomGenerator random, boolean buffered, Runnable onClose)
      throws IOException {
    ActiveSegment active = null;
    try {
      boolean asItWas = findings != null && findsAllInOrder(findings);
      if (findings == null) {
        make(random);
      } else if (!asItWas) {
        mend(findings);
      }
      long seen = findings == null ? 0 : watermark.newest().seenSince(committed.endOffset());
      Watermark claimed = watermark(committed, epoch, seen, salt);
      if (!claimed.equals(watermark.newest())) { // it was made just now
        watermark.write(claimed);
      }
      ReadablePartition view =
          new ReadablePartition(directory, salt, store.options(), store.reads(), committed);
      DirectorySyncState names = new DirectorySyncState(directory, !asItWas);
      boolean full = file == null && !asItWas;
      active = new ActiveSegment(store, view, epoch, file, full, names);
      if (full) {
        active.roll();
      }
      SegmentLog log = new SegmentLog(store, view, epoch, active, watermark, buffered, onClose);
      if (!full) {
        committed.activeIndex().in(store.reads().activeIndexes());
      }
      if (active.isOpen()) {
        store.activeFiles().enter(log);
      }
      return log;
    } catch (IOException | RuntimeException e) {
      close(active, e);
      close(file, e);
      throw e;
    }
  }

  private static void close(Closeable what, Exception failed) {
    try {
      if (what != null) {
        what.close();
      }
    } catch (IOException | RuntimeException also) {
      failed.addSuppressed(also);
    }
  }

  static Watermark watermark(CommittedState now, long epoch, long seenNanos, ChecksumSalt salt) {
    return new Watermark(
        now.endOffset(), now.endReadings(), epoch, now.lastAppendTimeNanos(), seenNanos, salt);
  }

  /** Makes the first segment; the salt is durable before it is used. */
  private void make(RandomGenerator random) throws IOException {
    salt =
        watermark.newest() == null
            ? new ChecksumSalt(random.nextLong())
            : watermark.newest().salt();
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
        new CommittedState(
            new SegmentList(List.of(first), 0, 0),
            new SegmentIndex(store.options().indexIntervalBytes()),
            header.bytes(),
            0,
            0,
            Long.MIN_VALUE,
            List.of());
  }

  /**
   * Takes a partition as it is, where all in it is proven to be synced and nothing is to be cut: a
   * start then costs one sync of the watermark. What is not proven and holds no record (the header
   * of an empty last segment, names of the directory) is made durable before the first append.
   */
  private boolean findsAllInOrder(PartitionScan findings) {
    if (watermark.newest() == null || !findings.isInOrder()) {
      return false;
    }
    salt = findings.salt();
    committed = findings.committed();
    return true;
  }

  private void mend(PartitionScan findings) throws IOException {
    salt = findings.salt();
    committed = findings.committed();
    RecoveryVerdict verdict = findings.verdict();
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
    directory.renew(
        findings.last(), file, findings.unprovenFromByte(), findings.verdict().keptBytes());
    if (!findings.appendable()) {
      file.close();
      file = null;
    }
  }

  private void tell(PartitionScan findings) throws IOException {
    RecoveryVerdict verdict = findings.verdict();
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
