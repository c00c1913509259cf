package dev.weir.client.internal.connection;

import com.google.protobuf.MessageLite;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * An encoded message to send: a head of its own and a body that may be shared with a later try.
 * Immutable; nobody changes the arrays.
 */
public final class EncodedMessage {
  private static final byte[] NONE = {};

  private final byte[] head;
  private final byte[] body;

  /** A message of two parts, one after the other. */
  public EncodedMessage(byte[] head, byte[] body) {
    this.head = head;
    this.body = body;
  }

  /** A generated message. */
  public static EncodedMessage of(MessageLite message) {
    return new EncodedMessage(message.toByteArray(), NONE);
  }

  /** Bytes of the message. */
  public int length() {
    return head.length + body.length;
  }

  /** The message for gRPC, which drains it into its buffers. */
  InputStream stream() {
    return new Stream(this);
  }

  /** Reads or drains one message. Owned by the transport. */
  private static final class Stream extends InputStream
      implements io.grpc.KnownLength, io.grpc.Drainable {
    private final ByteArrayInputStream head;
    private final ByteArrayInputStream body;

    Stream(EncodedMessage message) {
      this.head = new ByteArrayInputStream(message.head);
      this.body = new ByteArrayInputStream(message.body);
    }

    @Override
    public int available() {
      return head.available() + body.available();
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      return (int) (head.transferTo(target) + body.transferTo(target));
    }

    @Override
    public int read() {
      return head.available() > 0 ? head.read() : body.read();
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      ByteArrayInputStream part = head.available() > 0 ? head : body;
      return part.read(target, offset, length);
    }
  }
}
