package dev.weir.client.internal.batch;

import dev.weir.client.BatchAck;
import dev.weir.client.Offer;
import dev.weir.client.SensorHandle;
import dev.weir.client.SensorOptions;
import dev.weir.client.WeirException;
import dev.weir.client.internal.errors.ErrorTranslator;
import dev.weir.v1.Kind;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** One sensor of a publisher. Thread-safe; the loop passes on what the server answers. */
public final class BufferedSensor implements SensorHandle {
  private static final Offer BACK_PRESSURED = new Offer.BackPressured();

  private final SensorOptions options;
  private final int kind;
  private final int slot;
  private final PublishBuffer intake;

  /** Null until it is first asked for after the first session has opened. */
  private volatile PartitionBuffer gather;

  /** The batch of the newest reading, counted by its gather, whose lock guards these two. */
  private long newestBatch;

  /** The number of its future there. */
  private int newestShare;

  private volatile WeirException refused;

  BufferedSensor(SensorOptions options, int slot, PublishBuffer intake) {
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
  }

  /** The server does not take this sensor. */
  public void refuse(WeirException cause) {
    refused = cause;
  }

  /** Returns why the server does not take this sensor, or null. */
  public WeirException refused() {
    return refused;
  }

  /** The future of its readings in a batch. Under the lock of its gather. */
  BatchFutures.SensorFuture shareIn(long batch, BatchFutures promise) {
    if (batch != newestBatch) {
      newestBatch = batch;
      newestShare = promise.add(slot);
    }
    return promise.share(newestShare);
  }

  @Override
  public CompletableFuture<BatchAck> publish(long timeNanos, double value) {
    PartitionBuffer target = target(Kind.KIND_DOUBLE_VALUE);
    BatchFutures.SensorFuture share = target.offerDouble(this, timeNanos, value);
    return share != null
        ? share
        : intake.awaitRoom(() -> target.offerDouble(this, timeNanos, value));
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
    PartitionBuffer target = gather != null ? gather : intake.gatherOrNull(options.name());
    try {
      BatchFutures.SensorFuture share =
          target == null ? null : target.offerDouble(this, timeNanos, value);
      return share == null ? BACK_PRESSURED : new Offer.Accepted(share);
    } catch (WeirException e) {
      return new Offer.Closed(e);
    }
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
    PartitionBuffer target = target(ofKind);
    BatchFutures.SensorFuture share = target.offerNumber(this, ofKind, timeNanos, value);
    return share != null
        ? share
        : intake.awaitRoom(() -> target.offerNumber(this, ofKind, timeNanos, value));
  }

  private CompletableFuture<BatchAck> publishBytes(int ofKind, long timeNanos, byte[] value) {
    PartitionBuffer target = target(ofKind);
    BatchFutures.SensorFuture share = target.offerBytes(this, ofKind, timeNanos, value);
    return share != null
        ? share
        : intake.awaitRoom(() -> target.offerBytes(this, ofKind, timeNanos, value));
  }

  /** Returns the buffer for its readings; waits for the first session, as the options allow. */
  private PartitionBuffer target(int ofKind) {
    requireKind(ofKind);
    if (refused != null) {
      throw refused;
    }
    PartitionBuffer known = gather;
    if (known == null) {
      known = intake.awaitGather(options.name());
      gather = known;
    }
    return known;
  }

  private void requireKind(int ofKind) {
    if (ofKind != kind) {
      throw ErrorTranslator.kindMismatch(
          "sensor "
              + options.name()
              + " is of "
              + options.kind()
              + ", the value is of "
              + Kind.forNumber(ofKind));
    }
  }
}
