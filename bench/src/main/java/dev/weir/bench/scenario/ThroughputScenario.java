package dev.weir.bench.scenario;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.measure.BenchTarget;
import dev.weir.bench.measure.BenchTarget.Bound;
import dev.weir.bench.measure.BenchTarget.Form;
import dev.weir.bench.measure.RunSettings;
import dev.weir.bench.measure.Scenario;
import dev.weir.bench.measure.ScenarioRun;
import java.util.List;

/**
 * Readings per second, everything as fast as it goes. Immutable.
 *
 * @param name of the scenario
 * @param load of every entrant
 * @param entrants who take part, those of the short form first
 * @param shortCount how many of them take part in the short form
 * @param targets what it decides
 */
public record ThroughputScenario(
    String name,
    LoadShape load,
    List<ComparedSystem> entrants,
    int shortCount,
    List<BenchTarget> targets)
    implements Scenario {
  private static final String READINGS = "readings_per_second";
  private static final String DELIVERIES = "deliveries_per_second";
  private static final int FAN_OUT = 16;
  private static final int SMALL_PUBLISHERS = 1_000;

  /** P1, P1b, P12. */
  public static ThroughputScenario synced() {
    Measured one = new Measured("1 → 1 readings/s, SYNCED", READINGS, ComparedSystem.WEIR_SYNCED);
    return new ThroughputScenario(
        "throughput-synced",
        LoadShape.STANDARD,
        List.of(
            ComparedSystem.WEIR_SYNCED,
            ComparedSystem.KAFKA,
            ComparedSystem.KAFKA_FLUSH,
            ComparedSystem.JETSTREAM_SYNC,
            ComparedSystem.JETSTREAM),
        4,
        List.of(
            one.against("P1", ComparedSystem.KAFKA, 3, 5),
            one.against("P1b", ComparedSystem.KAFKA_FLUSH, 10, 20),
            one.against("P1b", ComparedSystem.JETSTREAM_SYNC, 10, 20),
            new BenchTarget(
                "P12",
                "CPU seconds per million readings, server + publisher + subscriber, SYNCED",
                "cpu_seconds_per_million",
                ComparedSystem.WEIR_SYNCED.label(),
                ComparedSystem.KAFKA.label(),
                Form.RATIO,
                Bound.AT_MOST,
                0.4,
                0.2)));
  }

  /** P2, P2b. */
  public static ThroughputScenario memory() {
    Measured one = new Measured("1 → 1 readings/s, MEMORY", READINGS, ComparedSystem.WEIR_MEMORY);
    Measured handBatched =
        new Measured("1 → 1 readings/s, hand-batched peers", READINGS, ComparedSystem.WEIR_MEMORY);
    return new ThroughputScenario(
        "throughput-memory",
        LoadShape.STANDARD,
        List.of(
            ComparedSystem.WEIR_MEMORY,
            ComparedSystem.NATS,
            ComparedSystem.RELAY_COLUMNS,
            ComparedSystem.NATS_COLUMNS,
            ComparedSystem.RELAY_ROWS),
        4,
        List.of(
            one.against("P2", ComparedSystem.NATS, 3, 4),
            one.against("P2", ComparedSystem.RELAY_COLUMNS, 0.65, 0.85),
            handBatched.against("P2b", ComparedSystem.NATS_COLUMNS, 0.8, 1)));
  }

  /** P3. */
  public static ThroughputScenario fanOut() {
    String sixteen = "1 → 16 connections, deliveries/s";
    Measured memory = new Measured(sixteen, DELIVERIES, ComparedSystem.WEIR_MEMORY);
    Measured synced = new Measured(sixteen, DELIVERIES, ComparedSystem.WEIR_SYNCED);
    return new ThroughputScenario(
        "fan-out",
        LoadShape.STANDARD.toSubscribers(FAN_OUT),
        List.of(
            ComparedSystem.WEIR_MEMORY,
            ComparedSystem.NATS,
            ComparedSystem.WEIR_SYNCED,
            ComparedSystem.KAFKA,
            ComparedSystem.RELAY_COLUMNS),
        4,
        List.of(
            memory.against("P3", ComparedSystem.NATS, 4, 8),
            synced.against("P3", ComparedSystem.KAFKA, 2.5, 5)));
  }

  /** P11. */
  public static ThroughputScenario smallPublishers() {
    Measured singly =
        new Measured(
            "1,000 publishers with a connection each, a reading at a time, MEMORY, readings/s",
            READINGS,
            ComparedSystem.WEIR_MEMORY);
    return new ThroughputScenario(
        "small-publishers",
        LoadShape.STANDARD
            .ofSensors(SMALL_PUBLISHERS, LoadShape.STANDARD.jitterMicros())
            .fromPublishers(SMALL_PUBLISHERS),
        List.of(ComparedSystem.WEIR_MEMORY, ComparedSystem.NATS, ComparedSystem.WEIR_MEMORY_SINGLY),
        2,
        List.of(singly.against("P11", ComparedSystem.NATS, 1, 2)));
  }

  /**
   * A number of one of our systems, to be compared.
   *
   * @param what it is, in words
   * @param number its name
   * @param ours the system
   */
  private record Measured(String what, String number, ComparedSystem ours) {
    BenchTarget against(String id, ComparedSystem theirs, double required, double goal) {
      return new BenchTarget(
          id,
          what,
          number,
          ours.label(),
          theirs.label(),
          Form.RATIO,
          Bound.AT_LEAST,
          required,
          goal);
    }
  }

  @Override
  public ScenarioRun open(RunSettings setting) throws BenchFailure, InterruptedException {
    List<ComparedSystem> present = setting.full() ? entrants : entrants.subList(0, shortCount);
    return SystemsRun.open(
        setting, present.stream().map(entrant -> new SystemsRun.Entry(entrant, load)).toList());
  }
}
