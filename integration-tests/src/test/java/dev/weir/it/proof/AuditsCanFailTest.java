package dev.weir.it.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each protection of the real server switched off, one by one: the audit that it is for must
 * complain. {@code make audits-can-fail}.
 */
@EnabledIfSystemProperty(named = "weir.it.proof", matches = "true")
class AuditsCanFailTest {
  private static final long SEED = Long.getLong("weir.it.seed", 20_261_126);
  private static final boolean STRACE_REQUIRED = Boolean.getBoolean("weir.it.strace.required");

  /** So many kills, or flips, are enough by far to see it. */
  private static final int ROUNDS_MAX = 25;

  private static final int FLIPS_MAX = 50;
  private static final int CUTS_MAX = 200;
  private static final int BATCHES = 200;

  /** A batch of more bytes than this is mostly a BLOB, in which any byte is valid. */
  private static final int BLOB_BYTES = 500;

  @TempDir private Path dir;

  @Test
  void withoutSyncs_theStraceProofComplains() throws Exception {
    boolean there = Strace.isThere();
    assertThat(there || !STRACE_REQUIRED).as(Strace.MISSING).isTrue();
    assumeTrue(there, Strace.MISSING);
    StraceAudit audit = new StraceAudit(dir);

    audit.acks(BATCHES, List.of("no-sync"));

    told("no-sync", audit.complaints().list(), "acknowledged before it was synced");
  }

  @Test
  void withoutTheDuplicateCheck_theCrashAuditComplains() throws Exception {
    CrashAudit audit = new CrashAudit(dir, List.of("no-duplicate-check"));

    audit.run(ROUNDS_MAX, SEED);

    told("no-duplicate-check", audit.findings(), "twice or out of order");
  }

  @Test
  void withoutTheDuplicateCheck_theCutAuditComplains() throws Exception {
    RealServer.Terms terms = new RealServer.Terms(dir, Map.of());
    List<String> faults = List.of("no-duplicate-check");

    ConnectionFaultAudit audit =
        new ConnectionFaultAudit(terms, faults, SEED, RealServer.PATIENCE).run(CUTS_MAX);

    told("no-duplicate-check", audit.complaints().list(), "twice or out of order");
  }

  @Test
  void withoutTheChecksumCheck_theFlipAuditComplains() throws Exception {
    ByteFlipAudit audit =
        new ByteFlipAudit(ByteFlipDirectory.make(dir), List.of("no-checksum-check"), 1);

    audit.run(
        FLIPS_MAX,
        SEED,
        region -> region.purpose().equals("batch") && region.to() - region.from() > BLOB_BYTES);

    told("no-checksum-check", audit.complaints().list(), "silent difference");
  }

  @Test
  void withoutTheEpochCheck_theFencingAuditComplains() throws Exception {
    RealServer.Terms terms = new RealServer.Terms(dir, Map.of());

    AuditFindings complaints = new FencingAudit(terms, List.of("no-epoch-check")).run();

    told("no-epoch-check", complaints.list(), "the old epoch was acknowledged");
  }

  private static void told(String fault, List<String> complaints, String words) {
    System.out.printf("%s: the audit says, as it should: %s%n", fault, complaints);
    assertThat(complaints).as(fault).anyMatch(complaint -> complaint.contains(words));
  }
}
