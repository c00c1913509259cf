package dev.weir.service.log.segment.inspect;

import dev.weir.common.file.DataFile;
import dev.weir.common.file.DataFiles;
import dev.weir.service.log.Flaw;
import dev.weir.service.log.segment.file.PartitionEpochs;
import dev.weir.service.log.segment.file.SegmentHeader;
import dev.weir.service.log.segment.file.StartNumber;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Checks both copies of a data directory's start number. Stateless. */
final class StartNumberCheck {
  private StartNumberCheck() {}

  /**
   * Checks the start number of a directory without changing anything.
   *
   * @param newestEpoch the greatest epoch in the directory; 0 for none
   * @param flaws told of everything that is wrong
   * @throws IOException if the file cannot be read, or a newer Weir wrote it
   */
  static void check(DataFiles files, Path dataDir, long newestEpoch, Consumer<? super Flaw> flaws)
      throws IOException {
    Path path = dataDir.resolve(StartNumber.NAME);
    if (!files.list(dataDir).contains(StartNumber.NAME)) {
      String missing = "the start number is missing: a new epoch could repeat an old one";
      flaws.accept(new Flaw(Flaw.Kind.MISSING, null, null, path.toString(), missing));
      return;
    }
    byte[] bytes;
    try (DataFile file = files.openForReading(path)) {
      bytes = SegmentHeader.read(file, StartNumber.SECOND_COPY + StartNumber.COPY_BYTES);
    }
    for (int at = 0; at <= StartNumber.SECOND_COPY; at += StartNumber.SECOND_COPY) {
      long number = StartNumber.copy(bytes, at, path);
      String wrong = null;
      if (number < 0) {
        wrong = "a copy of the start number is damaged; the other one is used";
      } else if (number < PartitionEpochs.startNumber(newestEpoch)) {
        wrong = "the start number " + number + " is older than the newest epoch " + newestEpoch;
      }
      if (wrong != null) {
        String place = path + " bytes " + at + " to " + (at + StartNumber.COPY_BYTES);
        flaws.accept(new Flaw(Flaw.Kind.START_NUMBER, null, null, place, wrong));
      }
    }
  }
}
