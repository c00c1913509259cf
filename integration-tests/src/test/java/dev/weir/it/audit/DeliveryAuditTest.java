package dev.weir.it.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.OverloadRun;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.v1.Format;
import dev.weir.v1.Overflow;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The audit must be able to fail: a stream that a real server sent passes it, and does not with a
 * single message damaged.
 */
final class DeliveryAuditTest extends ContractTest {
  private static final int READINGS = 4_000;
  private static final int BATCH = 100;
  private static final int MAX_LAG = 500;

  /** Messages of a stream that get a damage, one at a time. */
  private static final int PLACES = 12;

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "OVERFLOW_DROP_OLDEST,FORMAT_ROWS",
    "OVERFLOW_DROP_OLDEST,FORMAT_COLUMNS",
    "OVERFLOW_CONFLATE,FORMAT_ROWS",
    "OVERFLOW_CONFLATE,FORMAT_COLUMNS"
  })
  void streamWithOneMessageDamaged_isReported(Overflow overflow, Format format) {
    TestTopic topic =
        topicOfOwnServer(
            TransportSetup.IN_PROCESS_3, quick().with(Limit.DELIVERY_BYTES_MAX, 1_024));
    OverloadRun overload = new OverloadRun(topic);
    Subscription.Builder asked =
        overload.subscriber().everything(1).setOverflow(overflow).setFormat(format);
    asked.getMaxLagBuilder().setReadings(MAX_LAG);
    overload.run(asked, READINGS, BATCH);
    List<SubscribeResponse> stream = overload.subscriber().responses().all();

    judge(overload, stream);
    for (MessageDamage damage : MessageDamage.values()) {
      int[] places =
          IntStream.range(0, stream.size()).filter(i -> damage.fits(stream.get(i))).toArray();
      assertThat(places).as("places for %s", damage).hasSizeGreaterThan(2);
      int step = Math.max(1, places.length / PLACES);
      for (int i = 0; i < places.length; i += step) {
        requireReported(overload, stream, damage, places[i]);
      }
      requireReported(overload, stream, damage, places[places.length - 1]);
    }
  }

  private static void requireReported(
      OverloadRun overload, List<SubscribeResponse> stream, MessageDamage damage, int place) {
    assertThatThrownBy(() -> judge(overload, damage.inflict(stream, place)))
        .as("%s at %s: %s", damage, place, stream.get(place))
        .isInstanceOf(AssertionError.class);
  }

  private static void judge(OverloadRun overload, List<SubscribeResponse> stream) {
    overload.audit().take(stream, 1).requireComplete();
  }
}
