package dev.weir.service.log.segment;

import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.function.Consumer;

/** A partition's files, looked at without claiming it or changing anything. Immutable. */
public final class InspectedPartition {
  private final PartitionDirectory directory;
  private final SegmentOptions options;

  InspectedPartition(PartitionDirectory directory, SegmentOptions options) {
    this.directory = directory;
    this.options = options;
  }

  /** Which partition. */
  public PartitionId id() {
    return directory.partition();
  }

  /**
   * Gives everything from the log's beginning to its end, in order, verified. What a running server
   * deletes meanwhile is left out. Blocks.
   *
   * @param to called on the caller's thread; what it throws ends the listing
   * @throws dev.weir.service.log.DataLossException if nothing can be told any more
   */
  public void forEach(Consumer<? super Inspected> to) throws IOException {
    long next = 0;
    for (Findings findings = find(); findings != null; ) {
      Committed found = findings.committed();
      SegmentView view =
          new SegmentView(directory, findings.salt(), options, new IndexCache(1), found);
      next = Math.max(next, found.first().firstOffset());
      try (SegmentReader reader = view.read(next, true)) {
        for (LogItem item = reader.next(); item != null; item = reader.next()) {
          to.accept(
              item instanceof LogRecord record
                  ? stored(reader, record)
                  : new Inspected.Damaged((DamagedRange) item));
          next = item.nextOffset();
        }
        tellTorn(findings, to);
        return;
      } catch (NoSuchFileException e) {
        findings = find();
        if (findings == null || findings.segments().first().firstOffset() <= next) {
          throw e;
        }
      }
    }
  }

  private Findings find() throws IOException {
    while (true) {
      List<Segment> before = directory.segments();
      try {
        return Findings.of(directory, Findings.watermark(directory), options);
      } catch (NoSuchFileException e) {
        if (directory.segments().equals(before)) {
          throw e;
        } // else a server deleted the oldest: what is left is looked at
      }
    }
  }

  private static void tellTorn(Findings findings, Consumer<? super Inspected> to) {
    TailVerdict verdict = findings.verdict();
    long fileBytes = findings.scan().fileBytes();
    if (fileBytes > verdict.keptBytes()) {
      to.accept(
          new Inspected.Torn(
              fileBytes - verdict.keptBytes(),
              verdict.cutRecords(),
              findings.last().detail(verdict.keptBytes(), fileBytes)));
    }
  }

  private static Inspected stored(SegmentReader reader, LogRecord record) {
    RecordHeader header = reader.lastHeader();
    return new Inspected.Stored(
        record, header.batchChecksum, header.recordBytes(), reader.lastPlace());
  }
}
