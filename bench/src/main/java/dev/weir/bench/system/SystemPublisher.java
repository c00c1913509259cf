package dev.weir.bench.system;

import dev.weir.bench.load.KeyValues;
import java.io.IOException;
import java.time.Duration;

/**
 * The way of readings from a publishing process into one system, through that system's public
 * client. Owned by the publishing thread; the counts are thread-safe.
 */
public interface SystemPublisher extends AutoCloseable {
  /** Publishes one reading; blocks while the system, or its window, has no room. */
  void publish(int sensor, long timeNanos, double value) throws Exception;

  /** Sends what is gathered and waits until the system has it; false where time ran out. */
  boolean drain(Duration timeout) throws Exception;

  /** Readings whose arrival the system confirmed; where it confirms none, those sent. */
  long acknowledged();

  /** Broken connections and failed sends. */
  long failures();

  @Override
  void close() throws IOException;

  /** Connects to {@code system=} at {@code port=}; for the other settings see the classes. */
  static SystemPublisher open(KeyValues settings) throws Exception {
    String system = settings.text("system");
    return switch (system) {
      case "weir" -> new WeirPublisher(settings);
      case "nats" -> new NatsPublisher(settings);
      case "nats-columns" -> new NatsColumnsPublisher(settings);
      case "jetstream" -> new JetStreamPublisher(settings);
      case "kafka" -> new KafkaPublisher(settings);
      case "relay-columns" -> new RelayPublisher(settings, new ColumnPacking(settings));
      case "relay-rows" -> new RelayPublisher(settings, new RowPacking(settings));
      default -> throw new IllegalArgumentException("unknown system: " + system);
    };
  }
}
