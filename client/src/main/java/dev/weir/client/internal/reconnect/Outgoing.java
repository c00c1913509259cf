package dev.weir.client.internal.reconnect;

import dev.weir.client.BatchAck;
import dev.weir.client.internal.OwnedBy;
import dev.weir.client.internal.batch.ReadingBatch;
import dev.weir.client.internal.batch.RequestHead;
import dev.weir.client.internal.link.Outbound;
import java.util.concurrent.CompletableFuture;

/** An encoded batch on its way to its ack. Owned by its partition's queue, on the loop. */
@OwnedBy("loop")
final class Outgoing {
  private final CompletableFuture<BatchAck> ack;
  private final int readings;
  private final int weightBytes;

  private byte[] body;
  private long sequence;
  private int messageBytes;

  Outgoing(ReadingBatch batch, byte[] body) {
    this(batch.ack(), batch.readings(), batch.weightBytes(), body);
  }

  Outgoing(CompletableFuture<BatchAck> ack, int readings, int weightBytes, byte[] body) {
    this.ack = ack;
    this.readings = readings;
    this.weightBytes = weightBytes;
    this.body = body;
  }

  /** The message under a number, which it keeps until it is numbered again. */
  Outbound numbered(int partition, long newSequence) {
    sequence = newSequence;
    Outbound message = new Outbound(RequestHead.of(partition, newSequence, body.length), body);
    messageBytes = message.length();
    return message;
  }

  CompletableFuture<BatchAck> ack() {
    return ack;
  }

  int readings() {
    return readings;
  }

  int weightBytes() {
    return weightBytes;
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

  /** Sensor ids changed. */
  void recoded(byte[] newBody) {
    body = newBody;
  }
}
