package dev.weir.faultinjection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.common.file.NioDataFiles;
import dev.weir.service.app.fault.FaultInjector;
import dev.weir.service.app.fault.ServerFaults;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.sequence.ProducerTable;
import dev.weir.service.core.sequence.SequenceCheck;
import dev.weir.service.core.sequence.SequenceRule;
import dev.weir.service.log.LogEngineSettings;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InjectedFaultsTest {
  private static final LogEngineSettings SETTINGS =
      new LogEngineSettings(null, null, null, null, null, null, null, null, null, null, true, true);

  private final NioDataFiles disk = new NioDataFiles();

  @Test
  void faultThatChangesOnePart_leavesTheOthersAsTheyAre() {
    InjectedFaults late = InjectedFaults.of(List.of("break-later"));

    assertThat(late.isEmpty()).isFalse();
    assertThat(late.limits(Limits.defaults())).isEqualTo(Limits.defaults());
    assertThat(late.files(disk)).isSameAs(disk);
    assertThat(late.engineSettings(SETTINGS)).isSameAs(SETTINGS);
    assertThat(late.engine(null)).isNull();
    assertThat(late.sequenceRule()).isSameAs(SequenceRule.STRICT);
    assertThat(late.interceptor()).isEmpty();
  }

  @Test
  void thisModuleOnTheClassPath_givesTheServerItsFaults() {
    ServerFaults found = FaultInjector.load(List.of("no-sync"));

    assertThat(found).isInstanceOf(InjectedFaults.class).hasToString("no-sync");
    assertThat(FaultInjector.load(List.of())).isSameAs(ServerFaults.NONE);
    assertThatThrownBy(() -> FaultInjector.load(List.of("no-such")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no-sync");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "no-such", "kill=", "kill=append", "kill=append.half-written:0", "kill"})
  void unknownWords_areRefusedWithThoseThatExist(String word) {
    assertThatThrownBy(() -> InjectedFaults.of(List.of(word)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no-sync")
        .hasMessageContaining("kill=append.half-written:N");
  }

  @Test
  void armingWithoutAKillSwitch_isRefused() {
    assertThatThrownBy(() -> InjectedFaults.of(List.of("no-sync")).arm("append.half-written:1"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void noSync_filesAreTheUnsyncedOnes() {
    assertThat(InjectedFaults.of(List.of("no-sync")).files(disk)).isInstanceOf(UnsyncedFiles.class);
  }

  @Test
  void noChecksumCheck_recordsAreTakenAsTheyAre() {
    assertThat(InjectedFaults.of(List.of("no-checksum-check")).engineSettings(SETTINGS))
        .isEqualTo(SETTINGS.withoutChecksums());
  }

  @Test
  void noBlocks_readersHaveBuffersOfTheirOwn() {
    assertThat(InjectedFaults.of(List.of("no-blocks")).engineSettings(SETTINGS))
        .isEqualTo(SETTINGS.withoutSharedBlocks());
  }

  @Test
  void noDuplicateCheck_storedBatchesAreNewAgain_epochsStillFence() {
    ProducerTable producers = producers("no-duplicate-check");

    assertThat(producers.check("p", 2, 5)).isEqualTo(new SequenceCheck.New());
    assertThat(producers.check("p", 2, 7)).isEqualTo(new SequenceCheck.OutOfSequence(6));
    assertThat(producers.check("p", 1, 6)).isEqualTo(new SequenceCheck.Fenced(2));
    assertThat(producers.fences("p", 1)).isTrue();
  }

  @Test
  void noEpochCheck_olderEpochsPublish_duplicatesAreStillKnown() {
    ProducerTable producers = producers("no-epoch-check");

    assertThat(producers.check("p", 1, 6)).isEqualTo(new SequenceCheck.New());
    assertThat(producers.check("p", 1, 5)).isEqualTo(new SequenceCheck.Duplicate());
    assertThat(producers.fences("p", 1)).isFalse();
  }

  private static ProducerTable producers(String fault) {
    ProducerTable producers =
        new ProducerTable(10, 1_000, InjectedFaults.of(List.of(fault)).sequenceRule());
    producers.accept("p", 2, 5, 1);
    producers.commit();
    return producers;
  }

  @Test
  void withoutCatalog_topicsAndSensorsHaveNoBound() {
    Limits limits = InjectedFaults.of(List.of("no-catalog")).limits(Limits.defaults());
    assertThat(limits.get(Limit.CATALOG_BUDGET_BYTES)).isEqualTo(1L << 40);
  }

  @Test
  void withoutAnswers_whatIsNotReadHasNoBound() {
    Limits limits = InjectedFaults.of(List.of("no-answers")).limits(Limits.defaults());
    assertThat(limits.get(Limit.UNSENT_BUDGET_BYTES)).isEqualTo(1L << 40);
  }
}
