package dev.weir.bench.load;

import java.util.List;

/**
 * The way of readings from one system to checks in a subscribing process: a connection for each.
 * Each check is called by one thread. The counts are thread-safe.
 */
interface Inlet extends AutoCloseable {
  /** Losses the system told of, and broken connections. */
  long failures();

  @Override
  void close();

  /** Subscribes at {@code system=} and {@code port=}; what is published from now on arrives. */
  static Inlet open(Fields settings, List<ReadingCheck> checks) throws Exception {
    String system = settings.text("system");
    return switch (system) {
      case "weir" -> new WeirInlet(settings, checks);
      case "nats" -> NatsInlet.ofReadings(settings, checks);
      case "nats-columns" -> NatsInlet.ofColumns(settings, checks);
      case "jetstream" -> new JetStreamInlet(settings, checks);
      case "kafka" -> new KafkaInlet(settings, checks);
      case "relay-columns", "relay-rows" -> new RelayInlet(settings, checks);
      default -> throw new IllegalArgumentException("unknown system: " + system);
    };
  }
}
