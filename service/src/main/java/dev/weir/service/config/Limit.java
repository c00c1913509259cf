package dev.weir.service.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Every bound of the server, once: name, unit, default, least and greatest value, and what happens
 * there. docs/limits.md is generated from here.
 */
public enum Limit {
  MESSAGE_BYTES_MAX(
      "bytes",
      of(mib(1), kib(4), mib(64)),
      "One inbound message. A larger one ends the call with RESOURCE_EXHAUSTED; while it arrives, up"
          + " to four times as much is held of it."),
  METADATA_BYTES_MAX(
      "bytes", kib(8), kib(1), kib(64), "The headers of one call. Larger ones end the call."),
  BATCH_READINGS_MAX(
      "readings",
      of(65_536, 1, 1_048_576),
      "Readings of one batch. A larger batch is rejected with TOO_LARGE."),
  BATCH_SENSORS_MAX(
      "sensors",
      of(4_096, 1, 65_536),
      "Sensors of one `define`, or introduced by one batch. More are rejected with TOO_LARGE."),
  EVENT_TIME_AHEAD_MS_MAX(
      "ms",
      of(86_400_000, 0, 31_536_000_000L),
      "How far an event time may lie ahead of the server's clock."
          + " Beyond, the batch is rejected with TIME_OUT_OF_RANGE."),

  TOPICS_MAX(
      "topics",
      of(10_000, 1, 1_000_000),
      "Topics of the server. Beyond, creating one fails with LIMIT_REACHED."),
  SENSORS_PER_TOPIC_MAX(
      "sensors",
      of(1_000_000, 1, 16_777_216),
      "Sensors of one topic. Beyond, new ones are rejected with LIMIT_REACHED."),
  TOPIC_NAME_BYTES_MAX(
      "bytes",
      of(200, 200, 200),
      "A topic's name. A longer one is INVALID_ARGUMENT. Part of the stored form: not to be changed."),
  SENSOR_NAME_BYTES_MAX("bytes", 512, 512, 512, "The same for a sensor's name, in UTF-8."),
  UNIT_BYTES_MAX("bytes", 63, 1, 255, "A sensor's unit. A longer one is INVALID_ARGUMENT."),
  LABELS_MAX("labels", 32, 0, 256, "Labels of one topic or sensor. More are INVALID_ARGUMENT."),
  LABEL_KEY_BYTES_MAX("bytes", 63, 1, 255, "A label's key. A longer one is INVALID_ARGUMENT."),
  LABEL_VALUE_BYTES_MAX(
      "bytes", 255, 0, kib(4), "A label's value. A longer one is INVALID_ARGUMENT."),
  PRODUCER_ID_BYTES_MAX(
      "bytes", 128, 17, 512, "A producer's id. A longer one is INVALID_ARGUMENT."),
  CLIENT_NAME_BYTES_MAX(
      "bytes", 128, 1, kib(1), "The name a client gives itself. A longer one is INVALID_ARGUMENT."),
  REQUEST_ID_BYTES_MAX(
      "bytes", 64, 1, 512, "The request_id of a CreateTopic. A longer one is INVALID_ARGUMENT."),

  CURSORS_PER_TOPIC_MAX(
      "cursors",
      of(10_000, 1, 1_000_000),
      "Committed cursors of one topic. Beyond, a new name is refused: LIMIT_REACHED."),
  DURABLE_NAME_BYTES_MAX(
      "bytes",
      of(128, 1, 128),
      "The name of a durable subscription in UTF-8. A longer one is INVALID_ARGUMENT."),
  SYSTEM_QUEUE_EVENTS(
      "events",
      of(4_096, 16, 1_048_576),
      "Changes of topics waiting to be stored, and as many commits of cursors."
          + " Beyond, they are refused with OVERLOADED and a delay."),
  RETENTION_CHECK_MS(
      "ms",
      of(10_000, 100, 3_600_000),
      "How often is looked for what retention lets go. It may stay stored that much longer."),
  RETENTION_BYTES(
      "bytes",
      of(mib(16_384), mib(1), mib(1_048_576)),
      "Log of one partition where its topic states no `max_bytes`. Beyond, the oldest segments"
          + " are deleted."),
  DISK_RESERVE_BYTES(
      "bytes",
      of(mib(64), 0, mib(1_048_576)),
      "What publishers leave free of the disk, for checkpoints, topics and commits; 0 is nothing."
          + " Below, batches are refused with DISK_FULL and a delay until a quarter more is free."),
  BUFFERED_SYNC_MS(
      "ms",
      of(1_000, 10, 60_000),
      "How often a BUFFERED topic is synced in the background: what a lost machine may lose."),
  BUFFERED_UNSYNCED_BYTES_MAX(
      "bytes",
      of(mib(16), 0, mib(1_024)),
      "The same in bytes, of each partition. Beyond, a batch is acknowledged when synced; 0: always."),
  MEMORY_LOG_BYTES(
      "bytes",
      of(0, 0, mib(1_048_576)),
      "All MEMORY topics together; 0 is a quarter of the heap. Beyond, the largest lose their oldest."),
  MEMORY_TOPIC_BYTES(
      "bytes",
      of(mib(64), mib(1), mib(1_024)),
      "The same for a MEMORY topic, in memory. Beyond, the oldest records are dropped."),
  MEMORY_TOPIC_BYTES_MAX(
      "bytes",
      of(mib(1_024), mib(1), mib(1_048_576)),
      "The `max_bytes` of a MEMORY topic. A greater one is INVALID_ARGUMENT."),

  SESSIONS_MAX(
      "sessions",
      of(100_000, 1, 10_000_000),
      "Open streaming calls of the server. Beyond, a new one ends with OVERLOADED."),
  PUBLISH_WINDOW_BATCHES(
      "batches",
      of(64, 1, 65_536),
      "What a publishing session may have unacknowledged; a `define` counts as one."
          + " Beyond, the server reads no further from that session."),
  PUBLISH_WINDOW_BYTES(
      "bytes",
      of(mib(8), kib(64), mib(1_024)),
      "The same in bytes of messages. Beyond, the server reads no further from that session."),
  PUBLISH_BUDGET_BYTES(
      "bytes",
      of(0, 0, tib(1)),
      "Bytes of what publishers have sent until it is stored or refused, with what it is converted to,"
          + " also of calls that have ended, and of answers not sent, all together; 0 is an eighth of"
          + " the heap. As they are used up, windows shrink to what is free; beyond, batches are"
          + " rejected with OVERLOADED and a delay, and uploads are read no further. With nine tenths"
          + " used, new publishing sessions are refused in the same way."),
  UNSENT_BUDGET_BYTES(
      "bytes",
      of(0, 0, tib(1)),
      "Bytes fetched for subscribers, or given to connections, and not sent yet, all calls together; 0"
          + " is an eighth of the heap. As they are used up, deliveries shrink, down to one record or 4 KiB. With nine tenths"
          + " used, new subscriptions, Reads and larger answers are refused with OVERLOADED and a"
          + " delay."),
  REQUEST_BUDGET_BYTES(
      "bytes",
      of(0, 0, tib(1)),
      "Bytes of requests of unary calls, but for Publish and Read, that are not answered, all"
          + " together; 0 is a sixteenth of the heap. Beyond, a call is refused with OVERLOADED and a"
          + " delay."),
  CLIENT_PUBLISHED_READINGS_PER_SECOND(
      "readings/s",
      of(0, 0, 1_000_000_000_000L),
      "Readings that one client may publish; 0 is any number. Beyond, batches are rejected with"
          + " QUOTA_EXCEEDED and the time to wait; an Upload is read no further for that time."),
  CLIENT_PUBLISHED_BYTES_PER_SECOND("bytes/s", 0, 0, tib(1), "The same in bytes of batches."),
  CLIENT_DELIVERED_BYTES_PER_SECOND(
      "bytes/s",
      of(0, 0, tib(1)),
      "Bytes of readings delivered to one client; 0 is any number. Beyond, its subscriptions are"
          + " paused (PAUSED_BY_QUOTA), and a Read answers with what it has gathered, or waits where"
          + " that is nothing."),
  CLIENT_SESSIONS_MAX(
      "sessions",
      of(0, 0, 10_000_000),
      "Open streaming calls of one client; 0 is any number. Beyond, a new one ends with"
          + " QUOTA_EXCEEDED and a delay."),
  CLIENT_SUBSCRIPTIONS_MAX(
      "subscriptions",
      of(0, 0, 10_000_000),
      "Subscriptions of one client, a Tail counting as one; 0 is any number. Beyond, one more is"
          + " refused with QUOTA_EXCEEDED and a delay."),
  PRODUCERS_PER_TOPIC_MAX(
      "producers",
      of(100_000, 1, 10_000_000),
      "Producers each partition of a topic remembers. Beyond, the least recent is forgotten,"
          + " made-up ones first; never one with an open session."),
  PRODUCER_IDLE_DAYS(
      "days",
      of(7, 1, 3_650),
      "Append time without a batch after which a producer without a session is forgotten."),
  RETRY_DELAY_MS(
      "ms", 500, 1, 600_000, "The delay told to a publisher whose batch was refused for now."),

  PARTITION_QUEUE_REQUESTS(
      "requests",
      of(4_096, 1, 1_048_576),
      "Requests waiting for a partition's writer. Beyond, they are OVERLOADED, with a delay."),
  COMMIT_ROUND_BYTES_MAX(
      "bytes",
      of(mib(8), kib(64), mib(1_024)),
      "Bytes gathered into one write and sync. What is beyond waits for the next round."),
  COMMIT_ROUND_REQUESTS_MAX(
      "requests",
      of(4_096, 1, 1_048_576),
      "Requests gathered into one write and sync. What is beyond waits for the next round."),
  SEGMENT_BYTES(
      "bytes",
      of(mib(64), kib(64), mib(1_024)),
      "A segment file. A round that would not fit begins the next one."),
  CHECKPOINT_INTERVAL_BYTES(
      "bytes",
      of(mib(64), kib(64), mib(16_384)),
      "Log of one partition written between two checkpoints, and so what a restart replays."),

  TAIL_BYTES(
      "bytes",
      of(0, 0, mib(1_048_576)),
      "Recent records in memory, all topics together; 0 is a quarter of the heap."
          + " Beyond, the least recently read are dropped and read from disk."),
  TAIL_RECORDS_MAX(
      "records",
      of(8_192, 16, 1_048_576),
      "Recent records of one partition in memory; a power of two. Older ones are read from disk."),
  LATEST_VALUE_BYTES_MAX(
      "bytes",
      of(kib(64), kib(1), mib(1)),
      "A TEXT or BLOB kept as a sensor's last value. Of a larger one: that it was too large."),
  LATEST_BYTES_MAX(
      "bytes",
      of(0, 0, mib(1_024)),
      "TEXTs and BLOBs kept as last values, all topics together; 0 is an eighth of the heap, at"
          + " most 1 GiB. Of what is beyond is only kept that it was too large."),
  LATEST_WAIT_MS(
      "ms",
      of(5_000, 10, 600_000),
      "How long a GetLatest waits for last values to reach the end of the log."
          + " Beyond, it is refused with OVERLOADED and a delay."),
  LATEST_REST_MS(
      "ms",
      of(10, 0, 100),
      "What a busy partition commits within this time is folded into last values together; at once"
          + " where somebody asks for them, or where retention could take it."),
  DELIVERY_BYTES_MAX(
      "bytes",
      of(kib(256), kib(1), mib(4)),
      "Readings gathered into one delivery. The rest goes into the next; one record is never cut"
          + " for it."),
  SUBSCRIPTIONS_PER_SESSION_MAX(
      "subscriptions",
      of(1_000, 1, 100_000),
      "Subscriptions of one session. Beyond, one more is refused with LIMIT_REACHED."),
  SELECTOR_NAMES_MAX(
      "names", 10_000, 1, 1_000_000, "Names of one selector. More are refused with TOO_LARGE."),
  SELECTOR_GLOBS_MAX(
      "globs", 100, 1, 10_000, "Globs of one selector. More are refused with TOO_LARGE."),
  VIEWS_MAX(
      "views",
      of(10_000, 1, 1_000_000),
      "Different selections (selector, event times and mode of one topic) followed at once."
          + " Beyond, a subscription is refused with OVERLOADED and a delay."),
  VIEW_RECORDS_MAX(
      "records",
      of(1_024, 16, 65_536),
      "Records that each partition of such a selection keeps encoded, rounded down to a power of"
          + " two. Subscriptions further behind read for themselves."),
  READ_LIMIT_MAX(
      "readings",
      of(10_000, 1, 1_000_000),
      "The `limit` of one Read, the `page_size` of one GetLatest. A greater one is"
          + " INVALID_ARGUMENT."),
  READ_BYTES_MAX(
      "bytes",
      of(mib(1), kib(64), mib(64)),
      "Readings of one page of a Read or GetLatest. The page ends before it; one reading always"
          + " fits."),
  READ_WAIT_MS_MAX(
      "ms", 60_000, 0, 600_000, "The `wait` of one Read. A longer one is INVALID_ARGUMENT."),
  PAGE_SIZE_MAX(
      "items", 1_000, 1, 100_000, "The `page_size` of a list. A greater one is INVALID_ARGUMENT."),
  PROGRESS_INTERVAL_MS_MIN(
      "ms",
      of(100, 10, 60_000),
      "The shortest `progress_interval`. A shorter one is INVALID_ARGUMENT."),
  PROGRESS_INTERVAL_MS_MAX(
      "ms",
      of(3_600_000, 60_000, 86_400_000),
      "The longest `progress_interval`. A longer one is INVALID_ARGUMENT."),

  EVENT_LOOP_THREADS(
      "threads",
      of(0, 0, 1_024),
      "Threads for connections; 0 is one per core. They share the connections."),
  WRITER_THREADS(
      "threads", 2, 1, 256, "Threads for the partitions' writers. They share the partitions."),
  VIEW_THREADS(
      "threads",
      of(2, 1, 256),
      "Threads for last values and for views of subscriptions. They share the partitions."),
  SYNC_THREADS("threads", 4, 1, 256, "Files synced at once. Beyond, a sync waits for another."),
  CATCHUP_THREADS(
      "threads",
      of(2, 1, 256),
      "Threads that read the log for subscribers behind the tail. Beyond, they take turns."),
  CATCHUP_QUEUE_TASKS(
      "tasks",
      of(100_000, 1, 10_000_000),
      "Subscribers waiting for a read of the log, one task each."
          + " Beyond, a read is tried again after retry_delay_ms."),
  CONTROL_THREADS(
      "threads",
      of(2, 1, 256),
      "Threads for unary calls, rows, and opening sessions. Beyond, tasks wait."),
  CONTROL_QUEUE_TASKS(
      "tasks",
      of(10_000, 1, 1_000_000),
      "Tasks waiting for a control thread. Beyond, calls are refused with OVERLOADED."),

  CALLS_PER_CONNECTION_MAX(
      "calls",
      of(100, 1, 1_000_000),
      "Calls at once on one connection from another machine. Beyond, the client's library waits."),
  CALLS_PER_LOOPBACK_CONNECTION_MAX(
      "calls", 10_000, 1, 1_000_000, "The same where the server listens on loopback only."),
  RST_FRAMES_PER_WINDOW_MAX(
      "frames",
      of(200, 1, 1_000_000),
      "Calls cancelled on one connection per window. Beyond, the connection is closed."),
  RST_WINDOW_SECONDS("s", 30, 1, 3_600, "Length of that window."),
  INLINE_CHECK_BYTES_MAX(
      "bytes",
      of(kib(64), kib(1), mib(1)),
      "A batch up to this size is checked on its event loop; a larger one on the control pool, so"
          + " that it holds up no other connection."),
  INLINE_COMMIT_REQUESTS_MAX(
      "requests",
      of(16, 1, 4_096),
      "Batches of a MEMORY topic, each up to inline_check_bytes_max and together less than twice that,"
          + " that are committed at once on the event loop that brings one. More wait for the"
          + " partition's writer."),
  INBOUND_WINDOW_BYTES(
      "bytes",
      of(kib(256), kib(64), mib(16)),
      "Bytes a client may send on one stream ahead of the server (HTTP/2 flow control)."),
  ON_READY_THRESHOLD_BYTES(
      "bytes", 1, 1, mib(1), "Unsent bytes of a stream from which on nothing more is given to it."),
  OPEN_TIMEOUT_MS(
      "ms",
      of(10_000, 100, 600_000),
      "Time for a call's first message, and for a session to open."
          + " After it, the call ends with DEADLINE_EXCEEDED."),
  CALL_DEADLINE_MS_MAX(
      "ms",
      of(30_000, 100, 3_600_000),
      "Time for the answer to a unary call, besides the `wait` of a Read, whatever deadline the"
          + " client gave. After it, a Read answers with what it has; other calls end with"
          + " DEADLINE_EXCEEDED, and what they wait for is let go."),
  HANDSHAKE_TIMEOUT_MS(
      "ms",
      of(10_000, 100, 600_000),
      "Time for a connection's handshake. After it, the connection is closed."),
  MESSAGE_TIMEOUT_MS(
      "ms",
      of(30_000, 100, 600_000),
      "Time for the rest of a message of a session when its beginning has come; at most 10 s more."
          + " After it, the call ends with DEADLINE_EXCEEDED."),
  ANSWER_TIMEOUT_MS(
      "ms",
      of(60_000, 100, 3_600_000),
      "Time for a publisher to take its next answer. Then it ends with DEADLINE_EXCEEDED."),
  PING_INTERVAL_MS(
      "ms",
      of(10_000, 100, 600_000),
      "How often a session's client that lists the feature `ping` has to say something. A part"
          + " of a message counts. After three such intervals of silence, at most four, the session"
          + " ends with DEADLINE_EXCEEDED."),
  CONNECTIONS_MAX(
      "connections",
      of(0, 0, 10_000_000),
      "Connections at once; 0 is three quarters of the files that the process may have open. One more"
          + " is told so (GOAWAY) and closed."),
  CONNECTION_IDLE_MS_MAX(
      "ms",
      of(600_000, 1_000, 86_400_000),
      "Time without a call after which a connection is closed; its client opens another one when it"
          + " needs it. One whose peer is gone is closed at most 10 s later."),
  KEEPALIVE_TIME_MS(
      "ms",
      of(30_000, 1_000, 3_600_000),
      "Silence after which the server asks a connection for a sign of life. Less than 10,000 counts"
          + " as that."),
  KEEPALIVE_TIMEOUT_MS(
      "ms",
      of(10_000, 100, 600_000),
      "Time for that sign of life. After it, the connection is closed."),
  PERMIT_KEEPALIVE_TIME_MS(
      "ms",
      of(10_000, 100, 3_600_000),
      "The shortest interval of a client's keepalives. More frequent ones close the connection."),
  SESSION_AGE_MS_MAX(
      "ms",
      of(86_400_000, 0, 31_536_000_000L),
      "Age of a session, give or take a tenth; 0 is no such bound. After it, the session is asked to"
          + " leave, and ends with SESSION_TOO_OLD."),
  DRAIN_MS(
      "ms",
      of(10_000, 0, 600_000),
      "Time over which sessions are asked to leave when the server is to stop, each at a time of its"
          + " own."),
  DRAIN_SESSIONS_PER_SECOND(
      "sessions/s",
      of(100, 1, 1_000_000),
      "How many of them are asked to leave per second; more where drain_ms would not do. With few"
          + " sessions the server stops that much sooner."),
  SHUTDOWN_GRACE_MS(
      "ms",
      of(5_000, 0, 600_000),
      "Time for a session to leave after it was asked to: half of it to end by itself, half to be"
          + " answered what it sent. Also the time for unary calls when the server stops. After it,"
          + " they are cut.");

  private final String unit;
  private final long defaultValue;
  private final long min;
  private final long max;
  private final String description;

  Limit(String unit, long defaultValue, long min, long max, String description) {
    this.unit = unit;
    this.defaultValue = defaultValue;
    this.min = min;
    this.max = max;
    this.description = description;
  }

  Limit(String unit, Range range, String description) {
    this(unit, range.defaultValue(), range.min(), range.max(), description);
  }

  private record Range(long defaultValue, long min, long max) {}

  private static Range of(long defaultValue, long min, long max) {
    return new Range(defaultValue, min, max);
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

  /** What it bounds and what happens there. */
  public String description() {
    return description;
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
}
