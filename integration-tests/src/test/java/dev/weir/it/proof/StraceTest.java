package dev.weir.it.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * D1, D5 and D6 by the system calls of a real process. {@code make strace-proof} runs it at length,
 * and insists on strace.
 */
@EnabledIfSystemProperty(named = "weir.it.proof", matches = "true")
class StraceTest {
  private static final long BATCHES = Long.getLong("weir.it.strace.batches", 1_000);
  private static final boolean REQUIRED = Boolean.getBoolean("weir.it.strace.required");

  @TempDir private Path dir;

  @BeforeEach
  void straceIsThere() throws InterruptedException {
    if (REQUIRED) {
      assertThat(Strace.isThere()).as(Strace.MISSING).isTrue();
    }
    assumeTrue(Strace.isThere(), Strace.MISSING);
  }

  @Test
  void acksUnderPipelinedLoad_nameOnlyWhatACompletedSyncMadeDurable() throws Exception {
    StraceAudit audit = new StraceAudit(dir);

    AckSyncAudit proof = audit.acks(BATCHES, List.of());

    System.out.printf(
        "strace: %,d acks named %,d batches, each durable before the ack was written; %,d syncs%n",
        proof.acks(), proof.batches(), proof.book().syncs());
    assertThat(audit.complaints().list()).isEmpty();
    assertThat(proof.batches()).isGreaterThanOrEqualTo(BATCHES);
  }

  @Test
  void failedSync_stopsItsPartitionOnly_andNothingIsAcknowledgedOnTop() throws Exception {
    FailingDiskAudit audit = new FailingDiskAudit(dir);

    audit.failedSync();

    System.out.printf("strace: %d syncs failed with EIO%n", audit.failed());
    assertThat(audit.complaints().list()).isEmpty();
  }

  @Test
  void writesWithoutSpace_areRefusedForNow_andStoredOnceThereIsSome() throws Exception {
    FailingDiskAudit audit = new FailingDiskAudit(dir);

    audit.failedWrite();

    System.out.printf("strace: %d writes failed with ENOSPC%n", audit.failed());
    assertThat(audit.complaints().list()).isEmpty();
  }
}
