package dev.weir.client.internal.publish;

import com.google.common.base.Utf8;
import dev.weir.client.BatchAck;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.SensorOptions;
import dev.weir.client.SpoolStatus;
import dev.weir.client.WeirException;
import dev.weir.client.internal.connection.SessionContext;
import dev.weir.client.internal.errors.ErrorTranslator;
import dev.weir.client.internal.spool.SpoolAccess;
import dev.weir.v1.Kind;
import dev.weir.v1.Reading;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** A publisher over {@code PublishStream}. Thread-safe; its state is its session's. */
public final class StreamPublisher implements Publisher {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private static final Duration END_TIMEOUT = Duration.ofSeconds(1);

  /** Longer, because a disk may be slow. */
  private static final Duration SPOOL_END_TIMEOUT = Duration.ofSeconds(10);

  private static final int POSITION_BYTES_MAX = 4_096;

  private final SpoolAccess spool;
  private final PublisherSession session;
  private final String name;
  private final Duration closeTimeout;
  private final LongSupplier epochNanos;

  private StreamPublisher(
      SessionContext around, PublisherOptions options, LongSupplier epochNanos, SpoolAccess spool) {
    this.spool = spool;
    this.session = new PublisherSession(around, options, spool);
    this.name = "the publisher of topic " + options.topic();
    this.closeTimeout = around.options().closeTimeout();
    this.epochNanos = epochNanos;
  }

  /**
   * A publisher that connects in the background.
   *
   * @param spool its spool; null: it has none
   * @param threads starts the thread of the spool
   */
  public static StreamPublisher open(
      SessionContext around,
      PublisherOptions options,
      LongSupplier epochNanos,
      SpoolAccess spool,
      Consumer<Runnable> threads) {
    StreamPublisher publisher = new StreamPublisher(around, options, epochNanos, spool);
    publisher.session.start(threads);
    return publisher;
  }

  /** Completes when the publisher has ended and user code has heard of everything. */
  public CompletableFuture<Void> ended() {
    return session.ended();
  }

  @Override
  public SensorHandle sensor(String sensor) {
    return sensor(SensorOptions.of(sensor));
  }

  @Override
  public SensorHandle sensor(SensorOptions options) {
    return session.intake().sensor(options);
  }

  @Override
  public CompletableFuture<BatchAck> publish(Reading reading) {
    Kind kind =
        switch (reading.getValueCase()) {
          case DOUBLE -> Kind.KIND_DOUBLE;
          case INTEGER -> Kind.KIND_INTEGER;
          case BOOLEAN -> Kind.KIND_BOOLEAN;
          case TEXT -> Kind.KIND_TEXT;
          case BLOB -> Kind.KIND_BLOB;
          case VALUE_NOT_SET ->
              throw new IllegalArgumentException("reading: no value (expected one value)");
        };
    SensorHandle sensor = sensor(SensorOptions.builder(reading.getSensor()).kind(kind).build());
    long time = reading.hasTime() ? timeNanos(reading) : epochNanos.getAsLong();
    return switch (kind) {
      case KIND_DOUBLE -> sensor.publish(time, reading.getDouble());
      case KIND_INTEGER -> sensor.publishInteger(time, reading.getInteger());
      case KIND_BOOLEAN -> sensor.publishBoolean(time, reading.getBoolean());
      case KIND_TEXT -> sensor.publishText(time, reading.getText());
      default -> sensor.publishBlob(time, reading.getBlob().toByteArray());
    };
  }

  private static long timeNanos(Reading reading) {
    try {
      return Math.addExact(
          Math.multiplyExact(reading.getTime().getSeconds(), NANOS_PER_SECOND),
          reading.getTime().getNanos());
    } catch (ArithmeticException e) {
      throw new WeirException(
          WeirException.TIME_OUT_OF_RANGE,
          3,
          "The reading's time is not from 1677-09-21 to 2262-04-11. Correct it.");
    }
  }

  @Override
  public CompletableFuture<Void> flush() {
    return session.flush();
  }

  @Override
  public boolean drain(Duration timeout) {
    session.intake().end(ErrorTranslator.closed(name));
    boolean stored = false;
    try {
      session.flush().get(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
      stored = true;
    } catch (ExecutionException | TimeoutException e) {
      // A batch that is not stored fails below, with its own reason.
      stored = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    session.close(ErrorTranslator.closed(name));
    return stored;
  }

  @Override
  public void position(String position) {
    if (spool == null) {
      throw new IllegalStateException("position: " + name + " has no spool to keep it in");
    }
    int bytes = Utf8.encodedLength(position);
    if (bytes > POSITION_BYTES_MAX) {
      throw new IllegalArgumentException(
          "position: " + bytes + " bytes (expected at most " + POSITION_BYTES_MAX + ")");
    }
    session.intake().mark(position);
  }

  @Override
  public Optional<SpoolStatus> spool() {
    return Optional.ofNullable(spool).map(SpoolAccess::status);
  }

  @Override
  public long readingsAcknowledged() {
    return session.settlements().readingsAcknowledged();
  }

  @Override
  public void close() {
    close(closeTimeout);
  }

  /** Drains for so long, then closes. Idempotent. */
  public void close(Duration timeout) {
    if (!session.ended().isDone()) {
      drain(timeout);
      awaitEnd();
    }
  }

  private void awaitEnd() {
    try {
      Duration timeout = spool == null ? END_TIMEOUT : SPOOL_END_TIMEOUT;
      session.ended().get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // A callback blocks; the rest is reported to user code when that one returns.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
