package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.service.wire.names.Partitioner;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Format;
import dev.weir.v1.Kind;
import dev.weir.v1.Phase;
import dev.weir.v1.Problem;
import dev.weir.v1.Selector;
import dev.weir.v1.Sensor;
import dev.weir.v1.Subscription;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Selectors: names, globs and labels, also for sensors that appear later. */
final class SelectorContractTest extends ContractTest {
  private static final List<String> SENSORS =
      List.of(
          "plant/a/temp",
          "plant/a/pressure",
          "plant/b/temp",
          "plant/b/deep/down/temp",
          "plant//temp",
          "plant",
          "temp",
          "Plant/a/temp");

  /** The names of {@link #SENSORS} that each selector must choose. */
  private static Map<Selector, List<String>> cases() {
    Map<Selector, List<String>> cases = new LinkedHashMap<>();
    cases.put(globs("plant/*/temp"), List.of("plant/a/temp", "plant/b/temp", "plant//temp"));
    cases.put(
        globs("plant/**/temp"),
        List.of("plant/a/temp", "plant/b/temp", "plant/b/deep/down/temp", "plant//temp"));
    cases.put(
        globs("plant/**"),
        List.of(
            "plant/a/temp",
            "plant/a/pressure",
            "plant/b/temp",
            "plant/b/deep/down/temp",
            "plant//temp",
            "plant"));
    cases.put(globs("*"), List.of("plant", "temp"));
    cases.put(globs("**"), SENSORS);
    cases.put(globs("plant/?/temp"), List.of());
    cases.put(globs("p*t/a/*s*"), List.of("plant/a/pressure"));
    cases.put(globs("temp", "plant/b/*"), List.of("temp", "plant/b/temp"));
    cases.put(
        globs("plant/b/*").toBuilder().addNames("Plant/a/temp").build(),
        List.of("plant/b/temp", "Plant/a/temp"));
    cases.put(labels("kind", "temp"), endingIn("temp"));
    cases.put(labels("kind", "other"), List.of());
    cases.put(
        labels("kind", "temp").toBuilder().putLabels("site", "b").build(),
        List.of("plant/b/temp", "plant/b/deep/down/temp"));
    cases.put(
        globs("plant/*/*").toBuilder().putLabels("kind", "temp").build(),
        List.of("plant/a/temp", "plant/b/temp", "plant//temp"));
    cases.put(labels("kind", "temp").toBuilder().setAll(true).build(), endingIn("temp"));
    return cases;
  }

  private static List<String> endingIn(String end) {
    return SENSORS.stream().filter(name -> name.endsWith(end)).toList();
  }

  private static Selector globs(String... globs) {
    return Selector.newBuilder().addAllGlobs(List.of(globs)).build();
  }

  private static Selector labels(String key, String value) {
    return Selector.newBuilder().putLabels(key, value).build();
  }

  /** One reading of a sensor, which the batch defines. */
  private static void store(
      TestTopic topic, RawPublishSession publisher, long[] sequences, String name, double value) {
    int partition = Partitioner.partition(name, topic.partitions());
    Sensor.Builder sensor = TestBatches.sensor(name, Kind.KIND_DOUBLE).toBuilder();
    if (name.endsWith("temp")) {
      sensor.putLabels("kind", "temp");
    }
    if (name.startsWith("plant/b/")) {
      sensor.putLabels("site", "b");
    }
    Batch batch =
        Batch.newBuilder()
            .addSensors(sensor)
            .addColumns(Columns.newBuilder().setCount(1).addSensorRefs(0).addDoubles(value))
            .build();
    publisher.store(partition, ++sequences[partition], batch);
  }

  @EachSetup
  void selectors_chooseTheSame_fromTheLogAndLive_alsoOfSensorsThatAppearLater(
      TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawPublishSession publisher = topic.publisher().opened();
    long[] sequences = new long[setup.partitions()];
    List<Selector> selectors = List.copyOf(cases().keySet());
    RawSubscribeSession early = topic.subscriber();
    early.open(subscriptions(early, selectors));
    for (int id = 0; id < 2 * selectors.size(); id++) {
      early.awaitPhase(id, Phase.PHASE_CAUGHT_UP);
    }
    SENSORS.subList(0, 4).forEach(name -> store(topic, publisher, sequences, name, 1));
    RawSubscribeSession late = topic.subscriber();
    late.open(subscriptions(late, selectors));
    SENSORS.forEach(name -> store(topic, publisher, sequences, name, 2));
    TopicFiller.one(topic, 3); // whoever has passed this has passed all

    for (RawSubscribeSession subscriber : List.of(early, late)) {
      for (int i = 0; i < selectors.size(); i++) {
        List<String> chosen = cases().get(selectors.get(i));
        List<String> expected = new ArrayList<>(chosen);
        SENSORS.subList(0, 4).stream().filter(chosen::contains).forEach(expected::add);
        for (int id : new int[] {2 * i, 2 * i + 1}) {
          boolean sentinel = selectors.get(i).getGlobsList().contains("**");
          int extra = sentinel ? setup.partitions() : 0;
          List<DeliveredReading> got = subscriber.awaitReadings(id, expected.size() + extra);
          assertThat(got.stream().filter(one -> one.value() < 3).map(DeliveredReading::sensor))
              .as("%s", selectors.get(i))
              .containsExactlyInAnyOrderElementsOf(expected);
        }
      }
    }
    for (Selector selector : selectors) {
      assertThat(
              topic.tail(topic.everything().setSelector(selector).build()).stream()
                  .filter(one -> one.value() == 2)
                  .map(DeliveredReading::sensor))
          .containsExactlyInAnyOrderElementsOf(cases().get(selector));
    }
  }

  /** Each selector in both formats. */
  private static Subscription.Builder[] subscriptions(
      RawSubscribeSession subscriber, List<Selector> selectors) {
    Subscription.Builder[] all = new Subscription.Builder[2 * selectors.size()];
    for (int i = 0; i < selectors.size(); i++) {
      Selector selector = selectors.get(i);
      all[2 * i] = subscriber.everything(2 * i).setSelector(selector);
      all[2 * i + 1] =
          subscriber.everything(2 * i + 1).setSelector(selector).setFormat(Format.FORMAT_COLUMNS);
    }
    return all;
  }

  @EachTransport
  void wrongSelectors_areRefused_namingTheField(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.SELECTOR_GLOBS_MAX, 2));
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(subscriber.everything(0));
    Map<Selector, String> wrong = new LinkedHashMap<>();
    wrong.put(globs("a", "b", "c"), "selector.globs");
    wrong.put(globs("a", "b**"), "selector.globs[1]");
    wrong.put(globs("a/+/b"), "selector.globs[0]");
    wrong.put(globs(""), "selector.globs[0]");
    wrong.put(globs("a/#"), "selector.globs[0]");
    wrong.put(globs("a").toBuilder().setAll(true).build(), "selector");
    wrong.forEach(
        (selector, field) -> {
          Problem problem =
              subscriber.add(subscriber.everything(1).setSelector(selector)).getProblem();
          assertThat(problem.getFieldViolationsList())
              .as("%s: %s", selector, problem)
              .extracting(violation -> violation.getField())
              .containsExactly(field);
          CallFailure refusal =
              CallFailure.by(() -> topic.tail(topic.everything().setSelector(selector).build()));
          assertThat(refusal.fields()).containsExactly(field);
        });
    TopicFiller.one(topic, 1);
    subscriber.awaitReadings(0, 1);
  }
}
