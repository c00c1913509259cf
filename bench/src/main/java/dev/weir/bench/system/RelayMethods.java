package dev.weir.bench.system;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The two methods of the bare relay, whose messages are bytes that nobody looks into. What Weir
 * could reach at most: one copy into a frame, none to serialise. Stateless.
 */
public final class RelayMethods {
  public static final String SERVICE = "bench.Relay";

  /** A publisher's stream; the answer is empty. */
  public static final MethodDescriptor<byte[], byte[]> PUBLISH =
      method("Publish", MethodDescriptor.MethodType.BIDI_STREAMING);

  /** Streams everything published from now on; the request is empty. */
  public static final MethodDescriptor<byte[], byte[]> SUBSCRIBE =
      method("Subscribe", MethodDescriptor.MethodType.SERVER_STREAMING);

  /** The unsent bytes from which on a stream is not ready: a few messages, so none waits. */
  public static final int READY_BYTES = 256 * 1024;

  public static final int WINDOW_BYTES = 1024 * 1024;
  public static final int MESSAGE_BYTES_MAX = 8 * 1024 * 1024;

  private RelayMethods() {}

  private static MethodDescriptor<byte[], byte[]> method(
      String name, MethodDescriptor.MethodType type) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
        .setRequestMarshaller(new BytesMarshaller())
        .setResponseMarshaller(new BytesMarshaller())
        .build();
  }

  private static final class BytesMarshaller implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new KnownBytes(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static final class KnownBytes extends ByteArrayInputStream
      implements KnownLength, Drainable {
    KnownBytes(byte[] bytes) {
      super(bytes);
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      int length = available();
      target.write(buf, pos, length);
      pos += length;
      return length;
    }
  }
}
