package dev.weir.bench.system;

import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.ReadingCheck;
import java.util.List;

/**
 * The way of readings from one system to checks in a subscribing process: a connection for each.
 * Each check is called by one thread. The counts are thread-safe.
 */
public interface SystemSubscriber extends AutoCloseable {
  /** Returns the losses that the system reported, and broken connections. */
  long failures();

  @Override
  void close();

  /** Subscribes at {@code system=} and {@code port=}; what is published from now on arrives. */
  static SystemSubscriber open(KeyValues settings, List<ReadingCheck> checks) throws Exception {
    String system = settings.text("system");
    return switch (system) {
      case "weir" -> new WeirSubscriber(settings, checks);
      case "nats" -> NatsSubscriber.ofReadings(settings, checks);
      case "nats-columns" -> NatsSubscriber.ofColumns(settings, checks);
      case "jetstream" -> new JetStreamSubscriber(settings, checks);
      case "kafka" -> new KafkaSubscriber(settings, checks);
      case "relay-columns", "relay-rows" -> new RelaySubscriber(settings, checks);
      default -> throw new IllegalArgumentException("unknown system: " + system);
    };
  }
}
