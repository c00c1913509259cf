package dev.weir.service.log.segment.inspect;

import dev.weir.common.OwnedBy;
import dev.weir.common.file.DataFile;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.Flaw;
import dev.weir.service.log.InspectedItem;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.segment.file.ChecksumSalt;
import dev.weir.service.log.segment.file.PartitionDirectory;
import dev.weir.service.log.segment.file.PartitionEpochs;
import dev.weir.service.log.segment.file.Segment;
import dev.weir.service.log.segment.file.SegmentHeader;
import dev.weir.service.log.segment.file.SegmentOptions;
import dev.weir.service.log.segment.file.Watermark;
import dev.weir.service.log.segment.recovery.CheckpointFiles;
import dev.weir.service.log.segment.recovery.PartitionScan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Holds a partition's files against its records: {@link #files} first, then each item of the log in
 * order, then {@link #end}. Owned by whoever checks.
 */
@OwnedBy("its caller")
final class PartitionFilesCheck {
  private final PartitionDirectory directory;
  private final SegmentOptions options;
  private final Consumer<? super Flaw> flaws;
  private final PriorityQueue<ExpectedLogPoint> claims =
      new PriorityQueue<>(
          Comparator.comparingLong((ExpectedLogPoint claim) -> claim.said().offset()));
  private final List<Checkpoint> checkpoints = new ArrayList<>();
  private LogPoint at = LogPoint.beginning(0);
  private long newestEpoch;

  PartitionFilesCheck(
      PartitionDirectory directory, SegmentOptions options, Consumer<? super Flaw> flaws) {
    this.directory = directory;
    this.options = options;
    this.flaws = flaws;
  }

  /** Looks at everything but the records. */
  void files(PartitionScan findings) throws IOException {
    at = LogPoint.beginning(findings.segments().first().firstOffset());
    for (Segment segment : findings.segments().list()) {
      header(segment, findings.salt());
    }
    if (findings.emptied() != null) {
      emptied(findings.emptied());
    }
    watermark(findings.salt(), findings.verdict().end().offset() > 0);
    checkpoints();
    names();
  }

  private void header(Segment segment, ChecksumSalt salt) throws IOException {
    String place = segment.path().toString();
    SegmentHeader header = directory.header(segment);
    if (header == null) {
      tell(
          Flaw.Kind.SEGMENT_HEADER,
          place,
          "the segment's header is damaged; its records can be read");
      return;
    }
    if (!header.salt().equals(salt)) {
      tell(Flaw.Kind.SEGMENT_HEADER, place, "the segment has another salt than the partition");
    }
    newestEpoch = Math.max(newestEpoch, header.epoch());
    SegmentHeader.Before before = header.before();
    LogPoint said =
        new LogPoint(
            segment.firstOffset(),
            before.readings(),
            0,
            before.lastAppendTimeNanos(),
            before.epochs());
    if (segment.firstOffset() == at.offset()) {
      at = said; // the first: nothing else knows what came before
    } else {
      claims.add(new ExpectedLogPoint(Flaw.Kind.SEGMENT_HEADER, place, said));
    }
  }

  private void emptied(Segment segment) throws IOException {
    byte[] bytes;
    try (DataFile file = directory.files().openForReading(segment.path())) {
      bytes = SegmentHeader.read(file, options.readBufferBytes());
    }
    boolean written = false;
    for (byte one : bytes) {
      written |= one != 0;
    }
    String place = segment.path().toString();
    if (written) {
      tell(
          Flaw.Kind.SEGMENT_HEADER,
          place,
          "the segment's header is damaged; there is no record in it");
    } else {
      tell(
          Flaw.Kind.LEFTOVER,
          place,
          "a crash came before the segment's header; it goes with the next start");
    }
  }

  /** Every claim leaves both slots written, and no record comes before one. */
  private void watermark(ChecksumSalt salt, boolean records) throws IOException {
    Path path = directory.path().resolve(PartitionDirectory.WATERMARK_NAME);
    if (!directory.files().list(directory.path()).contains(PartitionDirectory.WATERMARK_NAME)) {
      tell(
          Flaw.Kind.MISSING,
          path.toString(),
          "the watermark is missing: nothing says how far the last segment was synced");
      return;
    }
    Watermark.Slots slots = new Watermark.Slots(directory.files(), path);
    int written = slots.all().size();
    if (written == 0 || records && written < Watermark.Slots.COUNT) {
      tell(
          Flaw.Kind.WATERMARK,
          path.toString(),
          "slots of the watermark are empty or cut off: "
              + written
              + " of "
              + Watermark.Slots.COUNT
              + " are there");
    }
    for (Watermark.Slots.Slot slot : slots.all()) {
      watermark(slot, path, salt);
    }
  }

  private void watermark(Watermark.Slots.Slot slot, Path path, ChecksumSalt salt) {
    String place = path + " bytes " + slot.from() + " to " + slot.to();
    Watermark mark = slot.watermark();
    if (mark == null) {
      tell(Flaw.Kind.WATERMARK, place, "a slot of the watermark is damaged; the other one is used");
      return;
    }
    newestEpoch = Math.max(newestEpoch, mark.epoch());
    if (!mark.salt().equals(salt)) {
      tell(Flaw.Kind.WATERMARK, place, "the watermark has another salt than the segments");
    }
    if (mark.syncedOffset() >= at.offset()) {
      LogPoint said =
          new LogPoint(mark.syncedOffset(), mark.readings(), 0, mark.lastAppendTimeNanos(), null);
      claims.add(new ExpectedLogPoint(Flaw.Kind.WATERMARK, place, said));
    }
  }

  private void checkpoints() throws IOException {
    for (Path path : CheckpointFiles.newestFirst(directory)) {
      Checkpoint checkpoint = CheckpointFiles.read(directory.files(), path);
      if (checkpoint == null) {
        tell(
            Flaw.Kind.CHECKPOINT,
            path.toString(),
            "the checkpoint is damaged; another one and the log are used instead");
      } else if (checkpoint.offset() != CheckpointFiles.offset(path)) {
        tell(
            Flaw.Kind.CHECKPOINT,
            path.toString(),
            "the checkpoint is of offset " + checkpoint.offset() + ", not of the one in its name");
      } else if (checkpoint.offset() < at.offset()) {
        tell(
            Flaw.Kind.CHECKPOINT,
            path.toString(),
            "the checkpoint ends before the log begins, at offset " + at.offset());
      } else {
        checkpoints.add(checkpoint);
        LogPoint said =
            new LogPoint(
                checkpoint.offset(),
                checkpoint.readings(),
                checkpoint.epoch(),
                Long.MIN_VALUE,
                null);
        claims.add(new ExpectedLogPoint(Flaw.Kind.CHECKPOINT, path.toString(), said));
      }
    }
    if (checkpoints.isEmpty() && at.offset() > 0) {
      tell(
          Flaw.Kind.UNUSABLE,
          directory.path().toString(),
          "the log begins at offset "
              + at.offset()
              + " and no checkpoint is usable, so what came before is lost; restore a backup");
    }
  }

  /** Looks for files that do not belong here. */
  void names() throws IOException {
    Set<String> known = new HashSet<>();
    known.add(PartitionDirectory.WATERMARK_NAME);
    directory.segments().forEach(segment -> known.add(name(segment.path())));
    CheckpointFiles.newestFirst(directory).forEach(path -> known.add(name(path)));
    for (String name : directory.files().list(directory.path())) {
      if (!known.contains(name)) {
        tell(
            Flaw.Kind.LEFTOVER,
            directory.path().resolve(name).toString(),
            name.endsWith(PartitionDirectory.TEMPORARY_SUFFIX)
                ? "a crash came while the file was made; it goes with the next start"
                : "no file of Weir; nothing looks at it");
      }
    }
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }

  /** Takes what is next in the log. */
  void take(InspectedItem item) {
    if (item instanceof InspectedItem.Stored stored) {
      meet(stored.record().offset());
      follows(stored.record(), stored.place());
      newestEpoch = Math.max(newestEpoch, stored.record().epoch());
      at = at.with(stored.record(), options.epochsMax());
    } else if (item instanceof InspectedItem.Damaged damaged) {
      meet(damaged.range().fromOffset());
      String words = "records that were stored cannot be read";
      flaws.accept(
          new Flaw(
              Flaw.Kind.RECORDS,
              directory.partition(),
              damaged.range(),
              damaged.range().detail(),
              words));
      at = at.with(damaged.range());
      claims.removeIf(claim -> claim.said().offset() < at.offset());
    } else if (item instanceof InspectedItem.Torn torn) {
      tell(
          Flaw.Kind.TORN_TAIL,
          torn.place(),
          "what a crash left unsynced and torn behind the last whole record, whole records in it: "
              + torn.records());
    }
  }

  private void follows(LogRecord record, String place) {
    LogPoint said = new LogPoint(record.offset(), record.readingsBefore(), 0, Long.MIN_VALUE, null);
    String wrong = new ExpectedLogPoint(Flaw.Kind.ORDER, place, said).wrong(at);
    if (wrong == null && record.offset() != at.offset()) {
      wrong = "has offset " + record.offset() + " and follows offset " + (at.offset() - 1);
    }
    boolean same = record.epoch() == at.epoch();
    if (wrong == null
        && !same
        && PartitionEpochs.startNumber(record.epoch()) <= PartitionEpochs.startNumber(at.epoch())) {
      wrong = "has epoch " + record.epoch() + " behind epoch " + at.epoch();
    }
    if (wrong == null && record.appendTimeNanos() < at.appendTimeNanos()) {
      wrong = "was appended before the record in front of it";
    }
    if (wrong != null) {
      tell(Flaw.Kind.ORDER, place, "the record " + wrong);
    }
  }

  /** Looks at what was said of the log's end. */
  void end() {
    meet(at.offset());
    for (ExpectedLogPoint ahead : claims) {
      tell(
          ahead.kind(),
          ahead.place(),
          "is of offset " + ahead.said().offset() + "; the log ends at offset " + at.offset());
    }
  }

  private void meet(long offset) {
    while (!claims.isEmpty() && claims.peek().said().offset() <= offset) {
      ExpectedLogPoint claim = claims.poll();
      String wrong = claim.said().offset() < offset ? null : claim.wrong(at);
      if (wrong != null) {
        tell(claim.kind(), claim.place(), wrong);
      }
    }
  }

  private void tell(Flaw.Kind kind, String place, String text) {
    flaws.accept(new Flaw(kind, directory.partition(), null, place, text));
  }

  /** Checkpoints that are whole and of this name, newest first. */
  List<Checkpoint> usable() {
    return checkpoints;
  }

  /** The greatest epoch that anything names. */
  long newestEpoch() {
    return newestEpoch;
  }
}
