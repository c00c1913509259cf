package dev.weir.service.log.segment;

import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import java.io.IOException;
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
   * Gives everything from the log's beginning to its end, in order, verified. Blocks.
   *
   * @param to called on the caller's thread; what it throws ends the listing
   * @throws dev.weir.service.log.DataLossException if nothing can be told any more
   */
  public void forEach(Consumer<? super Inspected> to) throws IOException {
    Findings findings = Findings.of(directory, Findings.watermark(directory), options);
    if (findings == null) {
      return;
    }
    SegmentView view =
        new SegmentView(
            directory, findings.salt(), options, new IndexCache(1), findings.committed());
    try (SegmentReader reader = view.read(view.committed().first().firstOffset(), true)) {
      for (LogItem item = reader.next(); item != null; item = reader.next()) {
        to.accept(
            item instanceof LogRecord record
                ? stored(reader, record)
                : new Inspected.Damaged((DamagedRange) item));
      }
    }
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
