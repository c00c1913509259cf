package dev.weir.bench.system;

import dev.weir.bench.load.BenchRuntime;
import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.ReadingCheck;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Kafka: creates the topic with one partition, flushed after {@code flush_messages=} where that is
 * not 0; per check a consumer with a thread that polls, with large fetches, from the beginning.
 */
final class KafkaSubscriber implements SystemSubscriber {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final long READY_SECONDS = 60;
  private static final int FETCH_BYTES = 16 * 1024 * 1024;
  private static final int POLL_RECORDS_MAX = 50_000;

  private final AtomicLong failures = new AtomicLong();
  private final TopicPartition partition;
  private final CountDownLatch polled;
  private volatile boolean closed;

  KafkaSubscriber(KeyValues settings, List<ReadingCheck> checks) throws Exception {
    partition = new TopicPartition(settings.text("topic"), 0);
    polled = new CountDownLatch(checks.size());
    Properties properties = new Properties();
    properties.put(
        AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:" + settings.count("port"));
    create(properties, settings.text("flush_messages"));
    properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES);
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, POLL_RECORDS_MAX);
    for (ReadingCheck check : checks) {
      KafkaConsumer<String, byte[]> consumer =
          new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
      BenchRuntime.start("bench-consumer", () -> pollAll(consumer, check));
    }
    if (!polled.await(READY_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("not subscribed after " + READY_SECONDS + " s");
    }
  }

  private void create(Properties properties, String flushMessages) throws Exception {
    NewTopic topic = new NewTopic(partition.topic(), 1, (short) 1);
    if (!flushMessages.equals("0")) {
      topic.configs(Map.of("flush.messages", flushMessages));
    }
    try (Admin admin = Admin.create(properties)) {
      admin.createTopics(List.of(topic)).all().get(READY_SECONDS, TimeUnit.SECONDS);
    }
  }

  private Void pollAll(KafkaConsumer<String, byte[]> consumer, ReadingCheck check) {
    try (consumer) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      consumer.position(partition);
      polled.countDown();
      while (!closed) {
        for (ConsumerRecord<String, byte[]> one : consumer.poll(POLL)) {
          byte[] value = one.value();
          check.onNamed(one.key(), ReadingBytes.timeNanos(value), ReadingBytes.value(value));
        }
        check.settle();
      }
    } catch (RuntimeException e) {
      failures.incrementAndGet();
      System.err.println("kafka: " + e);
    }
    return null;
  }

  @Override
  public long failures() {
    return failures.get();
  }

  @Override
  public void close() {
    closed = true;
  }
}
