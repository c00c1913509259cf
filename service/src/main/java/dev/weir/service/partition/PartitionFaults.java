package dev.weir.service.partition;

import dev.weir.common.file.DiskFullException;
import dev.weir.common.file.TooManyFilesException;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The faults of a partition that does not store a request, with the limits and the way out.
 * Immutable.
 */
final class PartitionFaults {
  private static final long NANOS_PER_MS = 1_000_000;

  private final String topic;
  private final int partition;
  private final Limits limits;

  PartitionFaults(String topic, int partition, Limits limits) {
    this.topic = topic;
    this.partition = partition;
    this.limits = limits;
  }

  private Duration retryDelay() {
    return Duration.ofMillis(limits.get(Limit.RETRY_DELAY_MS));
  }

  Fault noRoom() {
    return Fault.of(
            ErrorCode.DISK_FULL,
            "The server's disk is nearly full, and disk_reserve_bytes ("
                + limits.get(Limit.DISK_RESERVE_BYTES)
                + ") are kept for upkeep. Nothing was stored. Free space or shorten retention; retry"
                + " after the delay.")
        .retryAfter(retryDelay());
  }

  Fault noMemory() {
    return Fault.of(
            ErrorCode.OVERLOADED,
            "MEMORY topics have no room for this in memory_log_bytes ("
                + memoryLogBytes()
                + "), even if each partition keeps its newest record only. Nothing was stored. Retry"
                + " after the delay, send less at once, delete MEMORY topics, or ask the operator to"
                + " raise the limit and -Xmx.")
        .retryAfter(retryDelay());
  }

  private String memoryLogBytes() {
    long set = limits.get(Limit.MEMORY_LOG_BYTES);
    return set == 0 ? "5/64 of the heap; `bin/weir info` has the bytes" : Long.toString(set);
  }

  Fault notStored(Exception cause) {
    if (cause instanceof DiskFullException) {
      return Fault.of(
              ErrorCode.DISK_FULL,
              "The server's disk is full. Nothing was stored. Free space or shorten retention;"
                  + " retry after the delay.")
          .retryAfter(retryDelay());
    }
    String why =
        cause instanceof TooManyFilesException
            ? "Nothing was stored: "
                + cause.getMessage()
                + ". Retry after the delay; the operator can raise open_files_max, or the operating"
                + " system's limit (ulimit -n)."
            : "Nothing was stored, because the log could not be written ("
                + cause.getMessage()
                + "). Retry after the delay; if this stays, ask the operator to check the disk.";
    return Fault.of(ErrorCode.STORE_FAILED, why).retryAfter(retryDelay());
  }

  Fault poisoned() {
    return Fault.of(
        ErrorCode.PARTITION_UNAVAILABLE,
        "Partition "
            + partition
            + " of topic "
            + topic
            + " stopped after a failed sync. It can be read. The operator must check the disk and"
            + " restart the server.");
  }

  /** Returns how far an event time may lie ahead of the server's clock. */
  long eventAheadNanosMax() {
    return limits.get(Limit.EVENT_TIME_AHEAD_MS_MAX) * NANOS_PER_MS;
  }

  /**
   * Event times are too far ahead.
   *
   * @param rows of the batch; the first ones, and at least one
   * @param eventNanos the greatest event time
   */
  Fault tooFarAhead(List<Integer> rows, long eventNanos, long nowNanos) {
    return Fault.of(
        ErrorCode.TIME_OUT_OF_RANGE,
        (rows.size() == 1 ? "Row " : "Rows ")
            + rows.stream().map(String::valueOf).collect(Collectors.joining(", "))
            + (rows.size() == 1 ? " has an event time (" : " have event times (the latest is ")
            + Instant.ofEpochSecond(0, eventNanos)
            + ") more than event_time_ahead_ms_max ("
            + limits.get(Limit.EVENT_TIME_AHEAD_MS_MAX)
            + ") ahead of the batch's append time "
            + Instant.ofEpochSecond(0, nowNanos)
            + " (the server's clock, or later where the partition has later records). Check the"
            + " device's clock, and the server's.");
  }

  /** The definitions of new sensors are too large for the log as one record. */
  static Fault definitionsTooLarge(long bytes, long bytesMax) {
    return Fault.of(
        ErrorCode.TOO_LARGE,
        "The new definitions take up to "
            + bytes
            + " bytes as they are stored, more than the "
            + bytesMax
            + " bytes that the topic stores at once. Send fewer at once.");
  }

  /** A record is too large for the log. */
  static Fault recordTooLarge(long bytes, long bytesMax) {
    return Fault.of(
        ErrorCode.TOO_LARGE,
        "The batch takes up to "
            + bytes
            + " bytes as it is stored, more than the "
            + bytesMax
            + " bytes that the topic stores of one batch. Send less at once.");
  }

  static Fault outOfSequence(long sent, long expected) {
    return Fault.of(
        ErrorCode.OUT_OF_SEQUENCE,
        "The batch has sequence "
            + sent
            + ", and sequence "
            + expected
            + " is expected. Go on at the expected one.");
  }

  static Fault fenced(String producer, long epoch, long present) {
    return Fault.of(
            ErrorCode.PRODUCER_FENCED,
            String.format(
                "Epoch %d of producer %s is older than its present epoch %d. Stop this one, or open"
                    + " with epoch 0.",
                epoch, producer, present))
        .with("epoch", present);
  }

  static Fault supersededBy(ProducerSession older, long presentEpoch) {
    return older.epoch() < presentEpoch
        ? fenced(older.producer(), older.epoch(), presentEpoch)
        : Fault.of(
            ErrorCode.REPLACED,
            "A newer session of producer "
                + older.producer()
                + " has taken its epoch over. Stop this one.");
  }
}
