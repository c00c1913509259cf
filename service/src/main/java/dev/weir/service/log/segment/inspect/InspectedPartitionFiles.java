package dev.weir.service.log.segment.inspect;

import dev.weir.common.file.DataFiles;
import dev.weir.service.core.cursor.LogRange;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.DataLossException;
import dev.weir.service.log.Flaw;
import dev.weir.service.log.InspectedItem;
import dev.weir.service.log.InspectedPartition;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.segment.file.CommittedState;
import dev.weir.service.log.segment.file.PartitionDirectory;
import dev.weir.service.log.segment.file.RecordHeader;
import dev.weir.service.log.segment.file.Segment;
import dev.weir.service.log.segment.file.SegmentOptions;
import dev.weir.service.log.segment.read.ReadablePartition;
import dev.weir.service.log.segment.read.SegmentReadCaches;
import dev.weir.service.log.segment.read.SegmentReader;
import dev.weir.service.log.segment.recovery.PartitionScan;
import dev.weir.service.log.segment.recovery.RecoveryVerdict;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The files of a partition, looked at without claiming it or changing anything. Immutable. */
public final class InspectedPartitionFiles implements InspectedPartition {
  private final PartitionDirectory directory;
  private final SegmentOptions options;

  private InspectedPartitionFiles(PartitionDirectory directory, SegmentOptions options) {
    this.directory = directory;
    this.options = options;
  }

  /** The partitions of a data directory, the system's first; a server may be running on it. */
  public static List<InspectedPartition> all(Path dataDir, DataFiles files) throws IOException {
    List<InspectedPartition> partitions = new ArrayList<>();
    for (PartitionDirectory directory : PartitionDirectory.all(files, dataDir)) {
      partitions.add(new InspectedPartitionFiles(directory, SegmentOptions.defaults()));
    }
    return partitions;
  }

  @Override
  public PartitionId id() {
    return directory.partition();
  }

  /** Returns whether it has a segment file: every partition that was made once has one. */
  @Override
  public boolean made() throws IOException {
    return directory.made();
  }

  @Override
  public void forEach(Consumer<? super InspectedItem> to) throws IOException {
    long next = 0;
    for (PartitionScan findings = find(); findings != null; ) {
      CommittedState found = findings.committed();
      next = Math.max(next, found.first().firstOffset());
      try (SegmentReadCaches reads = SegmentReadCaches.alone(directory.files(), options);
          SegmentReader reader =
              new ReadablePartition(directory, findings.salt(), options, reads, found)
                  .read(next, true)) {
        for (LogItem item = reader.next(); item != null; item = reader.next()) {
          to.accept(
              item instanceof LogRecord record
                  ? stored(reader, record)
                  : new InspectedItem.Damaged((DamagedRange) item));
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

  @Override
  public Checked check(Consumer<? super Flaw> flaws, Records records) throws IOException {
    PartitionFilesCheck check = new PartitionFilesCheck(directory, options, flaws);
    PartitionScan findings;
    try {
      findings = find();
      if (findings == null) {
        check.names();
        return new Checked(new LogRange(List.of(), 0, 0, 0, 0, 0), 0);
      }
      check.files(findings);
    } catch (DataLossException e) {
      flaws.accept(
          new Flaw(Flaw.Kind.UNUSABLE, id(), null, directory.path().toString(), e.getMessage()));
      return null;
    }
    LogRange range = findings.committed().range(check.newestEpoch());
    Consumer<? super InspectedItem> to = records.begin(range, check.usable());
    forEach(
        item -> {
          check.take(item);
          to.accept(item);
        });
    check.end();
    return new Checked(findings.committed().range(check.newestEpoch()), check.newestEpoch());
  }

  private PartitionScan find() throws IOException {
    while (true) {
      List<Segment> before = directory.segments();
      try {
        return PartitionScan.of(directory, PartitionScan.watermark(directory), options);
      } catch (NoSuchFileException e) {
        if (directory.segments().equals(before)) {
          throw e;
        } // else a server deleted the oldest: what is left is looked at
      }
    }
  }

  private static void tellTorn(PartitionScan findings, Consumer<? super InspectedItem> to) {
    RecoveryVerdict verdict = findings.verdict();
    long fileBytes = findings.scan().fileBytes();
    if (fileBytes > verdict.keptBytes()) {
      to.accept(
          new InspectedItem.Torn(
              fileBytes - verdict.keptBytes(),
              verdict.cutRecords(),
              findings.last().detail(verdict.keptBytes(), fileBytes)));
    }
  }

  private static InspectedItem stored(SegmentReader reader, LogRecord record) {
    RecordHeader header = reader.lastHeader();
    return new InspectedItem.Stored(
        record, header.batchChecksum, header.recordBytes(), reader.lastPlace());
  }
}
