package dev.weir.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.SensorInfo;
import dev.weir.v1.Gap;
import dev.weir.v1.Kind;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DemoDeliveriesTest {
  private static final SensorInfo LOAD =
      new SensorInfo("machine", 1, "cpu/0/load", Kind.KIND_DOUBLE, "%", Map.of());

  private final AtomicLong clock = new AtomicLong(10_000_000_000L);

  @Test
  void readings_becomeNumbersValuesAndATally_asTheDemoReadsThem() throws InterruptedException {
    DemoDeliveries delivered = new DemoDeliveries(clock::get, false);
    deliver(delivered, 3, 12.5);
    delivered.onGap(Gap.newBuilder().setReadings(7).build());
    delivered.await(1, 0);
    DemoProcessOutput report = report(delivered);
    assertThat(report.number("delivered")).isEqualTo(1);
    assertThat(report.number("gaps")).isEqualTo(7);
    assertThat(report.number("p50_us")).isBetween(3_000L, 3_003L);
    assertThat(report.values())
        .containsExactly(Map.entry("cpu/0/load", new DemoProcessOutput.Live(12.5, "%")));
    assertThat(report.tally().readings()).isEqualTo(1);
    assertThat(delivered.news()).noneMatch(line -> line.startsWith("value"));
  }

  @Test
  void droppedDelivery_isMissingFromTheTally_andOnlyThatOne() {
    DemoDeliveries delivered = new DemoDeliveries(clock::get, true);
    for (int i = 0; i < 4; i++) {
      deliver(delivered, 1, i);
    }
    ReadingDigest whole = new ReadingDigest();
    whole.add("cpu/0/load", clock.get() - 1_000_000, 0);
    whole.add("cpu/0/load", clock.get() - 1_000_000, 2);
    whole.add("cpu/0/load", clock.get() - 1_000_000, 3);
    assertThat(report(delivered).tally().differences("told", whole, "kept")).isEmpty();
  }

  private void deliver(DemoDeliveries delivered, long millisAgo, double value) {
    delivered.onDouble(LOAD, clock.get() - millisAgo * 1_000_000, value);
    delivered.onBatch("cursor");
  }

  private static DemoProcessOutput report(DemoDeliveries delivered) {
    DemoProcessOutput report = new DemoProcessOutput();
    delivered.news().forEach(report::take);
    delivered.tallyLines().forEach(line -> report.take("tally\t" + line));
    report.take("a line for people");
    report.take("done");
    return report;
  }
}
