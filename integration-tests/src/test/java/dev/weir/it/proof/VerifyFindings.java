package dev.weir.it.proof;

import dev.weir.common.file.DataFiles;
import dev.weir.service.log.Flaw;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.verify.PartitionSummary;
import dev.weir.service.verify.Verification;
import dev.weir.service.verify.VerificationReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Keeps what {@code weir verify} finds in a data directory. Owned by the test. */
final class VerifyFindings implements VerificationReport {
  private final List<Flaw> flaws = new ArrayList<>();
  private final List<PartitionSummary> partitions = new ArrayList<>();

  static VerifyFindings of(Path dataDir, DataFiles files) throws IOException {
    VerifyFindings found = new VerifyFindings();
    Verification.run(dataDir, files, found);
    return found;
  }

  @Override
  public void flaw(String topic, Flaw flaw) {
    flaws.add(flaw);
  }

  @Override
  public void checked(PartitionSummary partition) {
    partitions.add(partition);
  }

  @Override
  public void unread(PartitionId partition, Exception cause) {
    throw new AssertionError(partition + " could not be read", cause);
  }

  List<Flaw> flaws() {
    return flaws;
  }

  List<PartitionSummary> partitions() {
    return partitions;
  }

  /** Complains unless it found exactly what a flip damaged. */
  void compare(ByteFlip flip, AuditFindings complaints) {
    FileRegion region = flip.region();
    Flaw.Kind expected = expected(region.purpose());
    boolean exact =
        expected == null
            ? flaws.isEmpty()
            : flaws.size() == 1
                && flaws.get(0).kind() == expected
                && flaws.get(0).place().startsWith(region.path().toString())
                && (region.record() == null || tells(flaws.get(0), region.record(), region));
    complaints.unless(exact, "verified: %s: found %s", flip, flaws);
  }

  private static Flaw.Kind expected(String purpose) {
    return switch (purpose) {
      case "record header", "producer", "definitions", "batch" -> Flaw.Kind.RECORDS;
      case "segment header" -> Flaw.Kind.SEGMENT_HEADER;
      case "checkpoint header", "checkpoint state" -> Flaw.Kind.CHECKPOINT;
      case "watermark, first slot", "watermark, second slot" -> Flaw.Kind.WATERMARK;
      case "start number, first copy", "start number, second copy" -> Flaw.Kind.START_NUMBER;
      case "watermark, unused", "start number, unused" -> null; // spare, nothing covers them
      default -> throw new AssertionError("a region of unknown purpose: " + purpose);
    };
  }

  private static boolean tells(Flaw flaw, LogRecord lost, FileRegion region) {
    return flaw.partition().equals(region.partition())
        && flaw.range().fromOffset() == lost.offset()
        && flaw.range().nextOffset() == lost.nextOffset()
        && flaw.range().readings() == lost.readings();
  }
}
