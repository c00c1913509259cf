package dev.weir.client.internal.batch;

import dev.weir.client.BatchAck;
import dev.weir.client.Offer;
import dev.weir.client.SensorHandle;
import dev.weir.client.SensorOptions;
import dev.weir.client.WeirException;
import dev.weir.client.internal.Errors;
import dev.weir.v1.Kind;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** One sensor of a publisher. Thread-safe; the loop tells it what the server says to it. */
public final class StreamSensor implements SensorHandle {
  private static final Offer BACK_PRESSURED = new Offer.BackPressured();

  private final SensorOptions options;
  private final int kind;
  private final int slot;
  private final Intake intake;

  /** Null until the server accepts the sensor: until then its readings have futures apart. */
  private volatile PartitionGather gather;

  private volatile WeirException refused;

  StreamSensor(SensorOptions options, int slot, Intake intake) {
    this.options = options;
    this.kind = options.kind().getNumber();
    this.slot = slot;
    this.intake = intake;
  }

  @Override
  public SensorOptions options() {
    return options;
  }

  /** The sensor's number in this publisher. */
  public int slot() {
    return slot;
  }

  /** The server takes this sensor, also where it refused it in an earlier session. */
  public void accept() {
    refused = null;
    if (gather == null) {
      gather = intake.gatherOrNull(options.name());
    }
  }

  /** The server does not take this sensor. */
  public void refuse(WeirException cause) {
    refused = cause;
  }

  /** Why the server does not take this sensor, or null. */
  public WeirException refused() {
    return refused;
  }

  @Override
  public CompletableFuture<BatchAck> publish(long timeNanos, double value) {
    PartitionGather target = targetOrNull(Kind.KIND_DOUBLE_VALUE);
    if (target == null) {
      return publishApart(to -> to.offerDouble(slot, timeNanos, value));
    }
    ReadingBatch batch = target.offerDouble(slot, timeNanos, value);
    if (batch == null) {
      batch = intake.awaitRoom(() -> target.offerDouble(slot, timeNanos, value));
    }
    return batch.ack();
  }

  @Override
  public CompletableFuture<BatchAck> publishInteger(long timeNanos, long value) {
    return publishNumber(Kind.KIND_INTEGER_VALUE, timeNanos, value);
  }

  @Override
  public CompletableFuture<BatchAck> publishBoolean(long timeNanos, boolean value) {
    return publishNumber(Kind.KIND_BOOLEAN_VALUE, timeNanos, value ? 1 : 0);
  }

  @Override
  public CompletableFuture<BatchAck> publishText(long timeNanos, String value) {
    return publishBytes(Kind.KIND_TEXT_VALUE, timeNanos, utf8(value));
  }

  @Override
  public CompletableFuture<BatchAck> publishBlob(long timeNanos, byte[] value) {
    return publishBytes(Kind.KIND_BLOB_VALUE, timeNanos, value);
  }

  @Override
  public Offer tryPublish(long timeNanos, double value) {
    requireKind(Kind.KIND_DOUBLE_VALUE);
    WeirException cause = refused != null ? refused : intake.ended();
    if (cause != null) {
      return new Offer.Closed(cause);
    }
    PartitionGather target = gather;
    try {
      if (target == null) {
        return tryPublishApart(timeNanos, value);
      }
      ReadingBatch batch = target.offerDouble(slot, timeNanos, value);
      return batch == null ? BACK_PRESSURED : batch.accepted();
    } catch (WeirException e) {
      return new Offer.Closed(e);
    }
  }

  private Offer tryPublishApart(long timeNanos, double value) {
    PartitionGather target = intake.gatherOrNull(options.name());
    CompletableFuture<BatchAck> ack =
        target == null
            ? null
            : target.offerApart(slot, to -> to.offerDouble(slot, timeNanos, value));
    return ack == null ? BACK_PRESSURED : new Offer.Accepted(ack);
  }

  /** The JDK would put question marks where a text is broken; nothing is changed silently. */
  private static byte[] utf8(String text) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] exact = new byte[bytes.remaining()];
      bytes.get(exact);
      return exact;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "value: a text with an unpaired surrogate (expected Unicode)", e);
    }
  }

  private CompletableFuture<BatchAck> publishNumber(int ofKind, long timeNanos, long value) {
    PartitionGather target = targetOrNull(ofKind);
    if (target == null) {
      return publishApart(to -> to.offerNumber(slot, ofKind, timeNanos, value));
    }
    ReadingBatch batch = target.offerNumber(slot, ofKind, timeNanos, value);
    if (batch == null) {
      batch = intake.awaitRoom(() -> target.offerNumber(slot, ofKind, timeNanos, value));
    }
    return batch.ack();
  }

  private CompletableFuture<BatchAck> publishBytes(int ofKind, long timeNanos, byte[] value) {
    PartitionGather target = targetOrNull(ofKind);
    if (target == null) {
      return publishApart(to -> to.offerBytes(slot, ofKind, timeNanos, value));
    }
    ReadingBatch batch = target.offerBytes(slot, ofKind, timeNanos, value);
    if (batch == null) {
      batch = intake.awaitRoom(() -> target.offerBytes(slot, ofKind, timeNanos, value));
    }
    return batch.ack();
  }

  private CompletableFuture<BatchAck> publishApart(Function<PartitionGather, ReadingBatch> offer) {
    PartitionGather target = intake.awaitGather(options.name());
    CompletableFuture<BatchAck> ack = target.offerApart(slot, offer);
    return ack != null ? ack : intake.awaitRoom(() -> target.offerApart(slot, offer));
  }

  private PartitionGather targetOrNull(int ofKind) {
    requireKind(ofKind);
    if (refused != null) {
      throw refused;
    }
    return gather;
  }

  private void requireKind(int ofKind) {
    if (ofKind != kind) {
      throw Errors.kindMismatch(
          "sensor "
              + options.name()
              + " is of "
              + options.kind()
              + ", the value is of "
              + Kind.forNumber(ofKind));
    }
  }
}
