package dev.weir.service.rpc;

import dev.weir.service.core.Slice;
import dev.weir.service.wire.protobuf.OutgoingMessage;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** Messages as bytes: in as one array, out as frames that share theirs. Stateless. */
final class Marshallers {
  private Marshallers() {}

  /** Requests: read whole, parsed by the session. */
  static final MethodDescriptor.Marshaller<Slice> IN =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(Slice value) {
          throw Status.INTERNAL.withDescription("requests are not sent").asRuntimeException();
        }

        @Override
        public Slice parse(InputStream stream) {
          try {
            return Slice.of(
                stream instanceof KnownLength ? exactly(stream) : stream.readAllBytes());
          } catch (IOException failed) {
            throw new UncheckedIOException(failed);
          }
        }
      };

  /** Reads a stream that knows its length into an array of that length. */
  private static byte[] exactly(InputStream stream) throws IOException {
    byte[] bytes = new byte[stream.available()];
    if (stream.readNBytes(bytes, 0, bytes.length) < bytes.length) {
      throw new EOFException("a message is shorter than it says");
    }
    return bytes;
  }

  /** Responses: written part by part, never copied together. */
  static final MethodDescriptor.Marshaller<OutgoingMessage> OUT =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(OutgoingMessage value) {
          return new FrameInput(value);
        }

        @Override
        public OutgoingMessage parse(InputStream stream) {
          throw Status.INTERNAL.withDescription("responses are not read").asRuntimeException();
        }
      };

  /** Messages of the library's services, both ways. */
  static final MethodDescriptor.Marshaller<Slice> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(Slice value) {
          return new ByteArrayInputStream(value.array(), value.offset(), value.length());
        }

        @Override
        public Slice parse(InputStream stream) {
          return IN.parse(stream);
        }
      };

  /** A frame as gRPC takes it: its length known, drained into the transport where it can be. */
  private static final class FrameInput extends FilterInputStream
      implements KnownLength, Drainable {
    private final OutgoingMessage frame;

    FrameInput(OutgoingMessage frame) {
      super(frame.stream());
      this.frame = frame;
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      frame.writeTo(target);
      return frame.length();
    }
  }
}
