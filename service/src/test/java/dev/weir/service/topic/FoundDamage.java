package dev.weir.service.topic;

import dev.weir.common.file.DataFiles;
import dev.weir.service.log.Flaw;
import dev.weir.service.log.PartitionId;
import dev.weir.service.verify.PartitionSummary;
import dev.weir.service.verify.Verification;
import dev.weir.service.verify.VerificationReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The damage that a check of a data directory finds. Owned by one test. */
final class FoundDamage implements VerificationReport {
  private final List<Flaw> flaws = new ArrayList<>();

  /** Checks a directory that nobody uses. */
  static List<Flaw> in(Path dataDir, DataFiles files) throws IOException {
    FoundDamage found = new FoundDamage();
    Verification.run(dataDir, files, found);
    return found.flaws;
  }

  @Override
  public void flaw(String topic, Flaw flaw) {
    if (flaw.kind().damage()) {
      flaws.add(flaw);
    }
  }

  @Override
  public void checked(PartitionSummary partition) {
    // Only damage is looked for.
  }

  @Override
  public void unread(PartitionId partition, Exception cause) {
    throw new AssertionError(partition + " could not be read", cause);
  }
}
