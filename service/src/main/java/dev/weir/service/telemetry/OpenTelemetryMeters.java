package dev.weir.service.telemetry;

import dev.weir.service.core.budget.Budget;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongHistogram;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * Hands what the service tells to OpenTelemetry. Thread-safe. Counts are kept in adders, one set
 * per topic that is served, and read when the exporter collects; only histograms and spans call the
 * SDK at once. The SDK keeps what histograms recorded of a topic, also of one that was deleted, for
 * about 2,000 topics at most; it counts further ones together.
 */
public final class OpenTelemetryMeters implements Meters {
  private static final String SCOPE = "dev.weir.service";
  private static final AttributeKey<String> TOPIC = AttributeKey.stringKey("weir.topic");
  private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("weir.outcome");
  private static final AttributeKey<String> KIND = AttributeKey.stringKey("weir.session.kind");
  private static final AttributeKey<String> GAP = AttributeKey.stringKey("weir.gap.reason");
  private static final AttributeKey<String> STALL = AttributeKey.stringKey("weir.stall.reason");
  private static final AttributeKey<String> BUDGET = AttributeKey.stringKey("weir.budget.name");
  private static final AttributeKey<String> UNIT = AttributeKey.stringKey("weir.budget.unit");
  private static final AttributeKey<Long> PARTITION = AttributeKey.longKey("weir.partition");
  private static final AttributeKey<Long> READINGS = AttributeKey.longKey("weir.readings");
  private static final double NANOS_PER_SECOND = 1e9;
  private static final List<Double> SECONDS =
      List.of(
          0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0,
          2.5, 5.0, 10.0);
  private static final List<Long> RECORDS = List.of(1L, 2L, 4L, 8L, 16L, 32L, 64L, 256L, 1024L);

  private final Set<String> served = ConcurrentHashMap.newKeySet();
  private final Map<String, TopicCounts> topics = new ConcurrentHashMap<>(); // of those served

  /** Takes what is told of topics that are not served; nobody reads it. */
  private final TopicCounts unserved = new TopicCounts("");

  private final Map<String, LongAdder> sessions = new ConcurrentHashMap<>();
  private final LongAdder subscriptions = new LongAdder();
  private final Meter meter;
  private final Tracer tracer;
  private final DoubleHistogram appendDuration;
  private final DoubleHistogram syncDuration;
  private final LongHistogram roundRecords;

  /** Registers every instrument, once per server. */
  public OpenTelemetryMeters(OpenTelemetry openTelemetry) {
    meter = openTelemetry.getMeter(SCOPE);
    tracer = openTelemetry.getTracer(SCOPE);
    appendDuration = seconds("weir.append.duration", "Writing and syncing of a commit round");
    syncDuration = seconds("weir.sync.duration", "Sync of the log's files");
    roundRecords =
        meter
            .histogramBuilder("weir.round.records")
            .ofLongs()
            .setUnit("{record}")
            .setDescription("Records of a commit round")
            .setExplicitBucketBoundariesAdvice(RECORDS)
            .build();
    count("weir.readings.stored", "{reading}", "Readings stored", counts -> counts.readingsStored);
    count("weir.bytes.stored", "By", "Bytes of records stored", counts -> counts.bytesStored);
    count(
        "weir.readings.delivered",
        "{reading}",
        "Readings handed to subscribers' calls",
        counts -> counts.readingsDelivered);
    count(
        "weir.bytes.delivered",
        "By",
        "Bytes of readings handed to subscribers' calls",
        counts -> counts.bytesDelivered);
    count(
        "weir.readings.suppressed",
        "{reading}",
        "Readings left out by the modes of subscriptions",
        counts -> counts.readingsSuppressed);
    countParts("weir.batches", "{batch}", "Batches answered, by outcome", OUTCOME, t -> t.batches);
    countParts("weir.readings.gap", "{reading}", "Readings of gaps, by reason", GAP, t -> t.gaps);
    countSessions();
  }

  @Override
  public void topicServed(String topic) {
    served.add(topic);
  }

  @Override
  public void topicDeleted(String topic) {
    served.remove(topic); // first, so that nobody makes its counts again
    topics.remove(topic);
  }

  @Override
  public void committed(String topic, int records, long bytes, long nanos) {
    TopicCounts counts = counts(topic);
    if (counts == unserved) {
      return;
    }
    counts.bytesStored.add(bytes);
    roundRecords.record(records, counts.attributes);
    appendDuration.record(nanos / NANOS_PER_SECOND, counts.attributes);
  }

  @Override
  public void synced(long nanos) {
    syncDuration.record(nanos / NANOS_PER_SECOND);
  }

  @Override
  public void stored(String topic, boolean duplicate, long readings) {
    TopicCounts counts = counts(topic);
    counts.readingsStored.add(readings);
    adder(counts.batches, duplicate ? "duplicate" : "stored").increment();
  }

  @Override
  public void rejected(String topic) {
    adder(counts(topic).batches, "rejected").increment();
  }

  @Override
  public void delivered(String topic, long readings, long bytes) {
    TopicCounts counts = counts(topic);
    counts.readingsDelivered.add(readings);
    counts.bytesDelivered.add(bytes);
  }

  @Override
  public void gap(String topic, String reason, long readings) {
    adder(counts(topic).gaps, reason).add(readings);
  }

  @Override
  public void suppressed(String topic, long readings) {
    counts(topic).readingsSuppressed.add(readings);
  }

  @Override
  public void sessionOpened(String kind) {
    adder(sessions, kind).increment();
  }

  @Override
  public void sessionClosed(String kind) {
    adder(sessions, kind).decrement();
  }

  @Override
  public void subscriptionsChanged(int delta) {
    subscriptions.add(delta);
  }

  @Override
  public void lagFrom(Supplier<Map<String, Long>> readingsByTopic) {
    meter
        .gaugeBuilder("weir.lag.readings")
        .ofLongs()
        .setUnit("{reading}")
        .setDescription("How far the slowest subscription of a topic is behind")
        .buildWithCallback(
            gauge ->
                readingsByTopic
                    .get()
                    .forEach((topic, lag) -> gauge.record(lag, Attributes.of(TOPIC, topic))));
  }

  @Override
  public void stallsFrom(Supplier<Map<String, Long>> subscriptionsByReason) {
    meter
        .gaugeBuilder("weir.subscriptions.stalled")
        .ofLongs()
        .setUnit("{subscription}")
        .setDescription("Subscriptions that are not moving, by reason")
        .buildWithCallback(
            gauge ->
                subscriptionsByReason
                    .get()
                    .forEach((reason, count) -> gauge.record(count, Attributes.of(STALL, reason))));
  }

  @Override
  public void storageFrom(
      LongSupplier freeBytes,
      LongSupplier reserveBytes,
      LongSupplier stoppedPartitions,
      LongSupplier diskHangs) {
    gauge("weir.disk.free", "By", "Bytes the log's files can still grow by", freeBytes);
    gauge("weir.disk.reserve", "By", "Free bytes that publishers have to leave", reserveBytes);
    gauge(
        "weir.partitions.stopped",
        "{partition}",
        "Partitions that store nothing until a restart, after a failed sync",
        stoppedPartitions);
    gauge("weir.disk.hangs", "1", "1 while a call to the disk lasts too long, else 0", diskHangs);
  }

  @Override
  public void budgetsFrom(List<Budget> budgets) {
    budgetGauge("weir.budget.limit", "How much of a budget there is", budgets, Budget::max);
    budgetGauge("weir.budget.used", "How much of a budget is held", budgets, Budget::used);
    meter
        .counterBuilder("weir.budget.refusals")
        .setUnit("{refusal}")
        .setDescription("What was refused because of a budget")
        .buildWithCallback(
            counter -> budgets.forEach(b -> counter.record(b.refusals(), attributes(b))));
  }

  private void budgetGauge(
      String name, String description, List<Budget> budgets, ToLongFunction<Budget> value) {
    meter
        .gaugeBuilder(name)
        .ofLongs()
        .setDescription(description)
        .buildWithCallback(
            gauge -> budgets.forEach(b -> gauge.record(value.applyAsLong(b), attributes(b))));
  }

  private static Attributes attributes(Budget budget) {
    return Attributes.of(BUDGET, budget.name(), UNIT, budget.unit());
  }

  private void gauge(String name, String unit, String description, LongSupplier value) {
    meter
        .gaugeBuilder(name)
        .ofLongs()
        .setUnit(unit)
        .setDescription(description)
        .buildWithCallback(gauge -> gauge.record(value.getAsLong()));
  }

  @Override
  public void appended(AppendSpan span) {
    TraceparentParser.sampledParent(span.traceparent())
        .ifPresent(
            parent ->
                tracer
                    .spanBuilder("weir append")
                    .setParent(Context.root().with(parent))
                    .setSpanKind(SpanKind.SERVER)
                    .setAttribute(TOPIC, span.topic())
                    .setAttribute(PARTITION, (long) span.partition())
                    .setAttribute(READINGS, (long) span.readings())
                    .setStartTimestamp(span.startEpochNanos(), TimeUnit.NANOSECONDS)
                    .startSpan()
                    .end(span.endEpochNanos(), TimeUnit.NANOSECONDS));
  }

  private DoubleHistogram seconds(String name, String description) {
    return meter
        .histogramBuilder(name)
        .setUnit("s")
        .setDescription(description)
        .setExplicitBucketBoundariesAdvice(SECONDS)
        .build();
  }

  private void count(
      String name, String unit, String description, Function<TopicCounts, LongAdder> of) {
    meter
        .counterBuilder(name)
        .setUnit(unit)
        .setDescription(description)
        .buildWithCallback(
            counter ->
                topics.values().forEach(t -> counter.record(of.apply(t).sum(), t.attributes)));
  }

  /** A counter whose parts have one attribute more than the topic. */
  private void countParts(
      String name,
      String unit,
      String description,
      AttributeKey<String> part,
      Function<TopicCounts, Map<String, LongAdder>> of) {
    meter
        .counterBuilder(name)
        .setUnit(unit)
        .setDescription(description)
        .buildWithCallback(
            counter -> topics.values().forEach(t -> t.record(counter, part, of.apply(t))));
  }

  private void countSessions() {
    meter
        .upDownCounterBuilder("weir.sessions")
        .setUnit("{session}")
        .setDescription("Open streaming calls")
        .buildWithCallback(
            counter ->
                sessions.forEach(
                    (kind, open) -> counter.record(open.sum(), Attributes.of(KIND, kind))));
    meter
        .upDownCounterBuilder("weir.subscriptions")
        .setUnit("{subscription}")
        .setDescription("Active subscriptions")
        .buildWithCallback(counter -> counter.record(subscriptions.sum()));
  }

  private TopicCounts counts(String topic) {
    TopicCounts found = topics.get(topic);
    if (found == null) {
      found = topics.computeIfAbsent(topic, name -> isServed(name) ? new TopicCounts(name) : null);
    }
    return found == null ? unserved : found;
  }

  private boolean isServed(String topic) {
    return served.contains(topic);
  }

  private static LongAdder adder(Map<String, LongAdder> adders, String key) {
    LongAdder found = adders.get(key);
    return found == null ? adders.computeIfAbsent(key, missing -> new LongAdder()) : found;
  }

  /** The counts of one topic. Thread-safe. */
  private static final class TopicCounts {
    private final LongAdder readingsStored = new LongAdder();
    private final LongAdder bytesStored = new LongAdder();
    private final LongAdder readingsDelivered = new LongAdder();
    private final LongAdder bytesDelivered = new LongAdder();
    private final LongAdder readingsSuppressed = new LongAdder();
    private final Map<String, LongAdder> batches = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> gaps = new ConcurrentHashMap<>();
    private final Attributes attributes;

    TopicCounts(String topic) {
      attributes = Attributes.of(TOPIC, topic);
    }

    void record(
        ObservableLongMeasurement counter, AttributeKey<String> part, Map<String, LongAdder> sums) {
      sums.forEach(
          (value, sum) ->
              counter.record(sum.sum(), attributes.toBuilder().put(part, value).build()));
    }
  }
}
