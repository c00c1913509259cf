package dev.weir.service.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;

/**
 * Every bound of the server, once: name, unit, default, least and greatest value. What it bounds
 * and what happens there is told by {@code limits.properties} beside it; docs/limits.md is
 * generated from both.
 */
public enum Limit {
  MESSAGE_BYTES_MAX("bytes", mib(1), kib(4), mib(64)),
  METADATA_BYTES_MAX("bytes", kib(8), kib(1), kib(64)),
  BATCH_READINGS_MAX("readings", 65_536, 1, 1_048_576),
  BATCH_SENSORS_MAX("sensors", 4_096, 1, 65_536),
  EVENT_TIME_AHEAD_MS_MAX("ms", 86_400_000, 0, 31_536_000_000L),
  TOPICS_MAX("topics", 10_000, 1, 1_000_000),
  SENSORS_PER_TOPIC_MAX("sensors", 1_000_000, 1, 16_777_216),
  TOPIC_NAME_BYTES_MAX("bytes", 200, 200, 200),
  SENSOR_NAME_BYTES_MAX("bytes", 512, 512, 512),
  UNIT_BYTES_MAX("bytes", 63, 1, 255),
  LABELS_MAX("labels", 32, 0, 256),
  LABEL_KEY_BYTES_MAX("bytes", 63, 1, 255),
  LABEL_VALUE_BYTES_MAX("bytes", 255, 0, kib(4)),
  PRODUCER_ID_BYTES_MAX("bytes", 128, 17, 512),
  CLIENT_NAME_BYTES_MAX("bytes", 128, 1, kib(1)),
  FEATURES_MAX("features", 64, 16, 1_024),
  REQUEST_ID_BYTES_MAX("bytes", 64, 1, 512),
  UPDATE_MASK_PATHS_MAX("paths", 16, 4, 64),
  CURSORS_PER_TOPIC_MAX("cursors", 10_000, 1, 1_000_000),
  DURABLE_NAME_BYTES_MAX("bytes", 128, 1, 128),
  SYSTEM_QUEUE_EVENTS("events", 4_096, 16, 1_048_576),
  RETENTION_CHECK_MS("ms", 10_000, 100, 3_600_000),
  RETENTION_BYTES("bytes", mib(16_384), mib(1), mib(1_048_576)),
  DISK_RESERVE_BYTES("bytes", mib(64), 0, mib(1_048_576)),
  BUFFERED_SYNC_MS("ms", 1_000, 10, 60_000),
  BUFFERED_UNSYNCED_BYTES_MAX("bytes", mib(16), 0, mib(1_024)),
  MEMORY_LOG_BYTES("bytes", 0, 0, mib(1_048_576)),
  MEMORY_TOPIC_BYTES("bytes", mib(64), mib(1), mib(1_024)),
  MEMORY_TOPIC_BYTES_MAX("bytes", mib(1_024), mib(1), mib(1_048_576)),
  SESSIONS_MAX("sessions", 100_000, 1, 10_000_000),
  PUBLISH_WINDOW_BATCHES("batches", 64, 1, 65_536),
  PUBLISH_WINDOW_BYTES("bytes", mib(8), kib(64), mib(1_024)),
  PUBLISH_BUDGET_BYTES("bytes", 0, 0, tib(1)),
  UNSENT_BUDGET_BYTES("bytes", 0, 0, tib(1)),
  REQUEST_BUDGET_BYTES("bytes", 0, 0, tib(1)),
  SESSION_BUDGET_BYTES("bytes", 0, 0, tib(1)),
  CATALOG_BUDGET_BYTES("bytes", 0, 0, tib(1)),
  CATCHUP_BLOCK_BYTES("bytes", 0, 0, tib(1)),
  ARRIVING_BUDGET_BYTES("bytes", 0, 0, tib(1)),
  OPEN_FILES_MAX("files", 0, 0, 100_000_000),
  CLIENT_PUBLISHED_READINGS_PER_SECOND("readings/s", 0, 0, 1_000_000_000_000L),
  CLIENT_PUBLISHED_BYTES_PER_SECOND("bytes/s", 0, 0, tib(1)),
  CLIENT_DELIVERED_BYTES_PER_SECOND("bytes/s", 0, 0, tib(1)),
  CLIENT_SESSIONS_MAX("sessions", 0, 0, 10_000_000),
  CLIENT_SUBSCRIPTIONS_MAX("subscriptions", 0, 0, 10_000_000),
  PRODUCERS_PER_TOPIC_MAX("producers", 100_000, 1, 10_000_000),
  PRODUCER_IDLE_DAYS("days", 7, 1, 3_650),
  RETRY_DELAY_MS("ms", 500, 1, 600_000),
  PARTITION_QUEUE_REQUESTS("requests", 4_096, 1, 1_048_576),
  COMMIT_ROUND_BYTES_MAX("bytes", mib(8), kib(64), mib(1_024)),
  COMMIT_ROUND_REQUESTS_MAX("requests", 4_096, 1, 1_048_576),
  SEGMENT_BYTES("bytes", mib(64), kib(64), mib(1_024)),
  CHECKPOINT_INTERVAL_BYTES("bytes", mib(64), kib(64), mib(16_384)),
  TAIL_BYTES("bytes", 0, 0, mib(1_048_576)),
  TAIL_RECORDS_MAX("records", 8_192, 16, 1_048_576),
  LATEST_VALUE_BYTES_MAX("bytes", kib(64), kib(1), mib(1)),
  LATEST_BYTES_MAX("bytes", 0, 0, mib(1_024)),
  SNAPSHOT_BUDGET_BYTES("bytes", 0, 0, tib(1)),
  LATEST_WAIT_MS("ms", 5_000, 10, 600_000),
  LATEST_REST_MS("ms", 10, 0, 100),
  DELIVERY_BYTES_MAX("bytes", kib(256), kib(1), mib(4)),
  SUBSCRIPTIONS_PER_SESSION_MAX("subscriptions", 1_000, 1, 100_000),
  SELECTOR_NAMES_MAX("names", 10_000, 1, 1_000_000),
  SELECTOR_GLOBS_MAX("globs", 100, 1, 10_000),
  VIEWS_MAX("views", 10_000, 1, 1_000_000),
  VIEW_RECORDS_MAX("records", 1_024, 16, 65_536),
  READ_LIMIT_MAX("readings", 10_000, 1, 1_000_000),
  READ_BYTES_MAX("bytes", mib(1), kib(64), mib(64)),
  READ_WAIT_MS_MAX("ms", 60_000, 0, 600_000),
  PAGE_SIZE_MAX("items", 1_000, 1, 100_000),
  PROGRESS_INTERVAL_MS_MIN("ms", 100, 10, 60_000),
  PROGRESS_INTERVAL_MS_MAX("ms", 3_600_000, 60_000, 86_400_000),
  EVENT_LOOP_THREADS("threads", 0, 0, 1_024),
  WRITER_THREADS("threads", 2, 1, 256),
  VIEW_THREADS("threads", 2, 1, 256),
  SYNC_THREADS("threads", 4, 1, 256),
  BACKGROUND_THREADS("threads", 8, 1, 256),
  CATCHUP_THREADS("threads", 2, 1, 256),
  RECENT_THREADS("threads", 1, 1, 256),
  CATCHUP_QUEUE_TASKS("tasks", 100_000, 1, 10_000_000),
  CONTROL_THREADS("threads", 2, 1, 256),
  CONTROL_QUEUE_TASKS("tasks", 10_000, 1, 1_000_000),
  CALLS_PER_CONNECTION_MAX("calls", 100, 1, 1_000_000),
  CALLS_PER_LOOPBACK_CONNECTION_MAX("calls", 10_000, 1, 1_000_000),
  RST_FRAMES_PER_WINDOW_MAX("frames", 200, 1, 1_000_000),
  RST_WINDOW_SECONDS("s", 30, 1, 3_600),
  CONTROL_FRAMES_PER_WINDOW_MAX("frames", 2_000, 10, 100_000_000),
  CONTROL_WINDOW_SECONDS("s", 10, 1, 3_600),
  INLINE_CHECK_BYTES_MAX("bytes", kib(64), kib(1), mib(1)),
  INLINE_COMMIT_REQUESTS_MAX("requests", 16, 1, 4_096),
  INBOUND_WINDOW_BYTES("bytes", kib(256), kib(64), mib(16)),
  ON_READY_THRESHOLD_BYTES("bytes", 1, 1, mib(1)),
  OPEN_TIMEOUT_MS("ms", 10_000, 100, 600_000),
  CALL_DEADLINE_MS_MAX("ms", 30_000, 100, 3_600_000),
  HANDSHAKE_TIMEOUT_MS("ms", 10_000, 100, 600_000),
  MESSAGE_TIMEOUT_MS("ms", 30_000, 100, 600_000),
  ANSWER_TIMEOUT_MS("ms", 60_000, 100, 3_600_000),
  PING_INTERVAL_MS("ms", 10_000, 100, 600_000),
  CONNECTIONS_MAX("connections", 0, 0, 10_000_000),
  CONNECTION_IDLE_MS_MAX("ms", 600_000, 1_000, 86_400_000),
  KEEPALIVE_TIME_MS("ms", 30_000, 1_000, 3_600_000),
  KEEPALIVE_TIMEOUT_MS("ms", 10_000, 100, 600_000),
  PERMIT_KEEPALIVE_TIME_MS("ms", 10_000, 100, 3_600_000),
  SESSION_AGE_MS_MAX("ms", 86_400_000, 0, 31_536_000_000L),
  DRAIN_MS("ms", 10_000, 0, 600_000),
  DRAIN_SESSIONS_PER_SECOND("sessions/s", 100, 1, 1_000_000),
  SHUTDOWN_GRACE_MS("ms", 5_000, 0, 600_000),
  SHUTDOWN_REST_MS("ms", 30_000, 1_000, 3_600_000),
  WATCHDOG_WARN_MS("ms", 10_000, 100, 86_400_000),
  WATCHDOG_END_MS("ms", 60_000, 1_000, 86_400_000);

  private final String unit;
  private final long defaultValue;
  private final long min;
  private final long max;

  Limit(String unit, long defaultValue, long min, long max) {
    this.unit = unit;
    this.defaultValue = defaultValue;
    this.min = min;
    this.max = max;
  }

  /** Its name in the configuration file. */
  public String yamlName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The unit of its values, such as "bytes". */
  public String unit() {
    return unit;
  }

  /** The value where none is configured. */
  public long defaultValue() {
    return defaultValue;
  }

  /** The least value that may be configured. */
  public long min() {
    return min;
  }

  /** The greatest value that may be configured. */
  public long max() {
    return max;
  }

  /** Returns what the limit bounds, and what happens when it is reached. */
  public String description() {
    return Descriptions.TEXTS.getProperty(yamlName());
  }

  /** The limit of a name in the configuration file. */
  public static Optional<Limit> ofYamlName(String name) {
    return Arrays.stream(values()).filter(limit -> limit.yamlName().equals(name)).findFirst();
  }

  private static long kib(long count) {
    return count << 10;
  }

  private static long mib(long count) {
    return count << 20;
  }

  private static long tib(long count) {
    return count << 40;
  }

  /** The texts, read when the first of them is asked for. */
  private static final class Descriptions {
    private static final Properties TEXTS = read();

    private static Properties read() {
      Properties texts = new Properties();
      try (InputStream in = Limit.class.getResourceAsStream("limits.properties")) {
        texts.load(new InputStreamReader(in, StandardCharsets.UTF_8));
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
      return texts;
    }
  }
}
