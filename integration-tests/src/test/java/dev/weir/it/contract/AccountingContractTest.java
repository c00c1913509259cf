package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.OverloadRun;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.v1.Format;
import dev.weir.v1.Gap;
import dev.weir.v1.Mode;
import dev.weir.v1.Overflow;
import dev.weir.v1.Phase;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rule 8 of SubscribeService: received + suppressed + gaps = published, outside snapshots. */
final class AccountingContractTest extends ContractTest {
  private static final int READINGS = 30_000;
  private static final int BATCH = 100;

  @ParameterizedTest(name = "{0} {1} {2}")
  @CsvSource({
    "IN_PROCESS_1,OVERFLOW_CATCH_UP,MODE_ON_CHANGE",
    "NETTY_3,OVERFLOW_CATCH_UP,MODE_ON_CHANGE",
    "IN_PROCESS_3,OVERFLOW_CATCH_UP,MODE_THRESHOLD",
    "NETTY_1,OVERFLOW_CATCH_UP,MODE_SAMPLE",
    "IN_PROCESS_1,OVERFLOW_DROP_OLDEST,MODE_ON_CHANGE",
    "NETTY_3,OVERFLOW_DROP_OLDEST,MODE_ON_CHANGE",
    "IN_PROCESS_3,OVERFLOW_DROP_OLDEST,MODE_ON_CHANGE",
    "IN_PROCESS_3,OVERFLOW_DROP_OLDEST,MODE_SAMPLE",
    "IN_PROCESS_3,OVERFLOW_CONFLATE,MODE_ON_CHANGE",
    "NETTY_1,OVERFLOW_CONFLATE,MODE_ON_CHANGE"
  })
  void rule8_sumIsExact_inReducedModesToo(TransportSetup setup, Overflow overflow, Mode mode) {
    TestTopic topic =
        topicOfOwnServer(
            setup,
            quick()
                .with(Limit.DELIVERY_BYTES_MAX, 4_096)
                .with(Limit.VIEW_RECORDS_MAX, 16)
                .with(Limit.TAIL_RECORDS_MAX, 64));
    OverloadRun overload = new OverloadRun(topic);
    Subscription.Builder asked = overload.subscriber().everything(1).setOverflow(overflow);
    asked.setFormat(setup.netty() ? Format.FORMAT_ROWS : Format.FORMAT_COLUMNS).setMode(mode);
    asked.getProgressIntervalBuilder().setNanos(100_000_000);
    if (overflow != Overflow.OVERFLOW_CATCH_UP) {
      asked.getMaxLagBuilder().setReadings(1_000);
    }
    switch (mode) {
      case MODE_ON_CHANGE -> asked.getOnChangeBuilder().setDeadBand(11);
      case MODE_THRESHOLD -> asked.getThresholdBuilder().setLimit(5_000);
      default -> asked.getSampleBuilder().getIntervalBuilder().setNanos(20_000_000);
    }
    overload.run(asked, READINGS / setup.partitions(), BATCH);
    overload.subscriber().responses().mark();
    long suppressed =
        overload
            .subscriber()
            .responses()
            .await(
                "progress at the end",
                said -> said.hasProgress() && said.getProgress().getLagReadings() == 0)
            .getProgress()
            .getSuppressedReadings();
    List<SubscribeResponse> all = overload.subscriber().responses().all();
    List<Gap> gaps = overload.subscriber().gaps(1);

    if (mode != Mode.MODE_SAMPLE) { // one reading in 20 ms may be so few that nothing is skipped
      assertThat(gaps.isEmpty()).isEqualTo(overflow == Overflow.OVERFLOW_CATCH_UP);
    }
    long missing = gaps.stream().mapToLong(Gap::getReadings).sum();
    assertThat(receivedOutsideSnapshots(all) + suppressed + missing)
        .as("%s suppressed, %s in gaps", suppressed, missing)
        .isEqualTo(overload.numbers().sentInAll());
  }

  private static long receivedOutsideSnapshots(List<SubscribeResponse> all) {
    long received = 0;
    boolean snapshot = false;
    for (SubscribeResponse said : all) {
      if (said.hasPhase() && said.getPhase().getPhase() == Phase.PHASE_SNAPSHOT_BEGIN) {
        snapshot = true;
      } else if (said.hasPhase() && said.getPhase().getPhase() == Phase.PHASE_SNAPSHOT_END) {
        snapshot = false;
      } else if (!snapshot) {
        received += said.getDelivery().getChargedReadings();
      }
    }
    return received;
  }
}
