package dev.weir.it.squeeze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weir.faultinjection.Protection;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each budget of the real server switched off, one by one: the abuse that it is for must end red.
 * {@code make squeeze-can-fail}.
 */
@EnabledIfSystemProperty(named = "weir.it.proof", matches = "true")
class SqueezeCanFailTest {
  @TempDir private Path dir;

  @ParameterizedTest
  @CsvSource({"no-blocks, CATCH_UP", "no-answers, UNREAD", "no-catalog, ENTRIES"})
  void withoutABudget_itsAbuseEndsRed(String fault, Abuse abuse) throws Exception {
    assumeTrue(Protection.ofWord(fault).isPresent(), "this server cannot go without: " + fault);
    SqueezeOptions terms = SqueezeOptions.ofProperties().only(abuse);

    try (SqueezeAudit audit = new SqueezeAudit(terms, dir, List.of(fault))) {
      List<String> findings = audit.run().findings();

      SqueezeAudit.say("%s: the audit says, as it should: %s", fault, findings);
      assertThat(findings)
          .as(fault)
          .anyMatch(finding -> finding.startsWith(abuse.word() + ": ") && isOfMemory(finding));
    }
  }

  /** The process ended, reported that memory was missing, or held more than it may. */
  private static boolean isOfMemory(String finding) {
    return finding.contains(" ended with ")
        || finding.contains("no memory: ")
        || finding.contains(" resident, ")
        || finding.contains("not quiet");
  }
}
