package dev.weir.client.internal.publish;

import dev.weir.client.internal.batch.BatchFutures;
import dev.weir.client.internal.batch.FramePiece;
import dev.weir.client.internal.batch.PublishRequestHeader;
import dev.weir.client.internal.batch.ReadingBatch;
import dev.weir.client.internal.connection.EncodedMessage;
import dev.weir.common.OwnedBy;

/** An encoded batch on its way to its ack. Owned by its partition's queue, on the loop. */
@OwnedBy("loop")
final class PendingBatch {
  private final BatchFutures promise;
  private final int heldBytes;
  private final FramePiece piece;

  private int readings;
  private byte[] body;
  private long sequence;
  private int messageBytes;

  PendingBatch(ReadingBatch batch, byte[] body) {
    this(batch.promise(), batch.readings(), batch.heldBytes(), batch.piece(), body);
  }

  PendingBatch(BatchFutures promise, int readings, int heldBytes, byte[] body) {
    this(promise, readings, heldBytes, null, body);
  }

  private PendingBatch(
      BatchFutures promise, int readings, int heldBytes, FramePiece piece, byte[] body) {
    this.piece = piece;
    this.promise = promise;
    this.readings = readings;
    this.heldBytes = heldBytes;
    this.body = body;
  }

  /** The message under a number, which it keeps until it is numbered again. */
  EncodedMessage numbered(int partition, long newSequence) {
    sequence = newSequence;
    EncodedMessage message =
        new EncodedMessage(PublishRequestHeader.of(partition, newSequence, body.length), body);
    messageBytes = message.length();
    return message;
  }

  BatchFutures promise() {
    return promise;
  }

  int readings() {
    return readings;
  }

  /** Returns the bytes that it counts against the publisher's buffer. */
  int heldBytes() {
    return heldBytes;
  }

  /** The readings of the spool that it is; null: of none. */
  FramePiece piece() {
    return piece;
  }

  /** The number it was sent under last; 0: never sent. */
  long sequence() {
    return sequence;
  }

  /** Bytes it was sent as; what it counts against the server's window. */
  int messageBytes() {
    return messageBytes;
  }

  byte[] body() {
    return body;
  }

  /** Sensor ids changed, or sensors are refused now. */
  void recoded(int readingsLeft, byte[] newBody) {
    readings = readingsLeft;
    body = newBody;
  }
}
