package dev.weir.bench.system;

import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.RandomWalks;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Kafka, one record per reading: the key is the sensor's name, the value a {@link ReadingBytes}.
 * acks=all and idempotent as by default; the producer's own buffer holds it back. {@code linger=}
 * milliseconds and {@code batch_bytes=} are given by the scenario.
 */
final class KafkaPublisher implements SystemPublisher {
  private static final long BUFFER_BYTES = 64L * 1024 * 1024;
  private static final int REQUEST_BYTES_MAX = 8 * 1024 * 1024;

  private final KafkaProducer<byte[], byte[]> producer;
  private final String topic;
  private final byte[][] keys;
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private final Callback onAck;

  KafkaPublisher(KeyValues settings) {
    Properties properties = new Properties();
    properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:" + settings.count("port"));
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.LINGER_MS_CONFIG, settings.text("linger"));
    properties.put(ProducerConfig.BATCH_SIZE_CONFIG, settings.text("batch_bytes"));
    properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_BYTES);
    properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, REQUEST_BYTES_MAX);
    producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    topic = settings.text("topic");
    keys = new byte[settings.count("sensors")][];
    for (int sensor = 0; sensor < keys.length; sensor++) {
      keys[sensor] = RandomWalks.name(0, sensor).getBytes(StandardCharsets.UTF_8);
    }
    onAck =
        (metadata, failure) -> {
          if (failure == null) {
            acknowledged.lazySet(acknowledged.get() + 1);
          } else if (failures.incrementAndGet() == 1) {
            System.err.println("kafka: " + failure);
          }
        };
  }

  @Override
  public void publish(int sensor, long timeNanos, double value) {
    producer.send(
        new ProducerRecord<>(topic, keys[sensor], ReadingBytes.of(timeNanos, value)), onAck);
  }

  @Override
  public boolean drain(Duration timeout) {
    producer.flush();
    return true;
  }

  @Override
  public long acknowledged() {
    return acknowledged.get();
  }

  @Override
  public long failures() {
    return failures.get();
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }
}
