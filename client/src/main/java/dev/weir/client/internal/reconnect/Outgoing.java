package dev.weir.client.internal.reconnect;

import dev.weir.client.internal.OwnedBy;
import dev.weir.client.internal.batch.Piece;
import dev.weir.client.internal.batch.Promise;
import dev.weir.client.internal.batch.ReadingBatch;
import dev.weir.client.internal.batch.RequestHead;
import dev.weir.client.internal.link.Outbound;

/** An encoded batch on its way to its ack. Owned by its partition's queue, on the loop. */
@OwnedBy("loop")
final class Outgoing {
  private final Promise promise;
  private final int heldBytes;
  private final Piece piece;

  private int readings;
  private byte[] body;
  private long sequence;
  private int messageBytes;

  Outgoing(ReadingBatch batch, byte[] body) {
    this(batch.promise(), batch.readings(), batch.heldBytes(), batch.piece(), body);
  }

  Outgoing(Promise promise, int readings, int heldBytes, byte[] body) {
    this(promise, readings, heldBytes, null, body);
  }

  private Outgoing(Promise promise, int readings, int heldBytes, Piece piece, byte[] body) {
    this.piece = piece;
    this.promise = promise;
    this.readings = readings;
    this.heldBytes = heldBytes;
    this.body = body;
  }

  /** The message under a number, which it keeps until it is numbered again. */
  Outbound numbered(int partition, long newSequence) {
    sequence = newSequence;
    Outbound message = new Outbound(RequestHead.of(partition, newSequence, body.length), body);
    messageBytes = message.length();
    return message;
  }

  Promise promise() {
    return promise;
  }

  int readings() {
    return readings;
  }

  /** What it counts against the publisher's buffer. */
  int heldBytes() {
    return heldBytes;
  }

  /** The readings of the spool that it is; null: of none. */
  Piece piece() {
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
