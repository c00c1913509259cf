package dev.weir.bench.compare;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.compare.Target.Bound;
import dev.weir.bench.compare.Target.Form;
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
record Throughput(
    String name, Load load, List<Entrant> entrants, int shortCount, List<Target> targets)
    implements Scenario {
  private static final String READINGS = "readings_per_second";
  private static final String DELIVERIES = "deliveries_per_second";
  private static final int FAN_OUT = 16;
  private static final int SMALL_PUBLISHERS = 1_000;

  /** P1, P1b, P12. */
  static Throughput synced() {
    String one = "1 → 1 readings/s, SYNCED";
    return new Throughput(
        "throughput-synced",
        Load.STANDARD,
        List.of(
            Entrant.WEIR_SYNCED,
            Entrant.KAFKA,
            Entrant.KAFKA_FLUSH,
            Entrant.JETSTREAM_SYNC,
            Entrant.JETSTREAM),
        4,
        List.of(
            ratio("P1", one, READINGS, Entrant.WEIR_SYNCED, Entrant.KAFKA, 3, 5),
            ratio("P1b", one, READINGS, Entrant.WEIR_SYNCED, Entrant.KAFKA_FLUSH, 10, 20),
            ratio("P1b", one, READINGS, Entrant.WEIR_SYNCED, Entrant.JETSTREAM_SYNC, 10, 20),
            new Target(
                "P12",
                "CPU seconds per million readings, server + publisher + subscriber, SYNCED",
                "cpu_seconds_per_million",
                Entrant.WEIR_SYNCED.label(),
                Entrant.KAFKA.label(),
                Form.RATIO,
                Bound.AT_MOST,
                0.4,
                0.2)));
  }

  /** P2, P2b. */
  static Throughput memory() {
    String one = "1 → 1 readings/s, MEMORY";
    return new Throughput(
        "throughput-memory",
        Load.STANDARD,
        List.of(
            Entrant.WEIR_MEMORY,
            Entrant.NATS,
            Entrant.RELAY_COLUMNS,
            Entrant.NATS_COLUMNS,
            Entrant.RELAY_ROWS),
        4,
        List.of(
            ratio("P2", one, READINGS, Entrant.WEIR_MEMORY, Entrant.NATS, 3, 4),
            ratio("P2", one, READINGS, Entrant.WEIR_MEMORY, Entrant.RELAY_COLUMNS, 0.65, 0.85),
            ratio(
                "P2b",
                "1 → 1 readings/s, hand-batched peers",
                READINGS,
                Entrant.WEIR_MEMORY,
                Entrant.NATS_COLUMNS,
                0.8,
                1)));
  }

  /** P3. */
  static Throughput fanOut() {
    String sixteen = "1 → 16 connections, deliveries/s";
    return new Throughput(
        "fan-out",
        Load.STANDARD.toSubscribers(FAN_OUT),
        List.of(
            Entrant.WEIR_MEMORY,
            Entrant.NATS,
            Entrant.WEIR_SYNCED,
            Entrant.KAFKA,
            Entrant.RELAY_COLUMNS),
        4,
        List.of(
            ratio("P3", sixteen, DELIVERIES, Entrant.WEIR_MEMORY, Entrant.NATS, 4, 8),
            ratio("P3", sixteen, DELIVERIES, Entrant.WEIR_SYNCED, Entrant.KAFKA, 2.5, 5)));
  }

  /** P11. */
  static Throughput smallPublishers() {
    String what =
        "1,000 publishers with a connection each, a reading at a time, MEMORY, readings/s";
    return new Throughput(
        "small-publishers",
        Load.STANDARD
            .ofSensors(SMALL_PUBLISHERS, Load.STANDARD.jitterMicros())
            .fromPublishers(SMALL_PUBLISHERS),
        List.of(Entrant.WEIR_MEMORY, Entrant.NATS, Entrant.WEIR_MEMORY_SINGLY),
        2,
        List.of(ratio("P11", what, READINGS, Entrant.WEIR_MEMORY, Entrant.NATS, 1, 2)));
  }

  static Target ratio(
      String id,
      String what,
      String number,
      Entrant ours,
      Entrant theirs,
      double required,
      double goal) {
    return new Target(
        id, what, number, ours.label(), theirs.label(), Form.RATIO, Bound.AT_LEAST, required, goal);
  }

  @Override
  public Bout open(Setting setting) throws BenchFailure, InterruptedException {
    List<Entrant> present = setting.full() ? entrants : entrants.subList(0, shortCount);
    return RigBout.open(
        setting, present.stream().map(entrant -> new RigBout.Entry(entrant, load)).toList());
  }
}
