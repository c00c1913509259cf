package dev.weir.client.internal.connection;

import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.SubscribeServiceGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;

/** The streaming methods with marshallers over bytes. Stateless. */
public final class StreamingMethods {
  /** Publishing: encoded requests, generated responses, which are few and small. */
  public static final MethodDescriptor<EncodedMessage, PublishStreamResponse> PUBLISH =
      PublishServiceGrpc.getPublishStreamMethod().toBuilder(
              new Requests(), PublishServiceGrpc.getPublishStreamMethod().getResponseMarshaller())
          .build();

  /** Subscribing: encoded requests, responses as bytes. */
  public static final MethodDescriptor<EncodedMessage, byte[]> SUBSCRIBE =
      SubscribeServiceGrpc.getSubscribeMethod().toBuilder(new Requests(), new Responses()).build();

  private StreamingMethods() {}

  private static final class Requests implements MethodDescriptor.Marshaller<EncodedMessage> {
    @Override
    public InputStream stream(EncodedMessage value) {
      return value.stream();
    }

    @Override
    public EncodedMessage parse(InputStream stream) {
      throw new UnsupportedOperationException("a client receives no requests");
    }
  }

  private static final class Responses implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      throw new UnsupportedOperationException("a client sends no responses");
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        byte[] message = new byte[stream.available()];
        if (stream.readNBytes(message, 0, message.length) < message.length) {
          throw Status.INTERNAL.withDescription("message broke off").asRuntimeException();
        }
        return message;
      } catch (IOException e) {
        throw Status.INTERNAL
            .withDescription("message unreadable")
            .withCause(e)
            .asRuntimeException();
      }
    }
  }
}
