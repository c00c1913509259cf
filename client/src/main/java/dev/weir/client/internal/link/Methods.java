package dev.weir.client.internal.link;

import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.SubscribeServiceGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;

/** The streaming methods with marshallers over bytes. Stateless. */
public final class Methods {
  /** Publishing: encoded requests, generated responses, which are few and small. */
  public static final MethodDescriptor<Outbound, PublishStreamResponse> PUBLISH =
      PublishServiceGrpc.getPublishStreamMethod().toBuilder(
              new Requests(), PublishServiceGrpc.getPublishStreamMethod().getResponseMarshaller())
          .build();

  /** Subscribing: encoded requests, responses as bytes. */
  public static final MethodDescriptor<Outbound, byte[]> SUBSCRIBE =
      SubscribeServiceGrpc.getSubscribeMethod().toBuilder(new Requests(), new Responses()).build();

  private Methods() {}

  private static final class Requests implements MethodDescriptor.Marshaller<Outbound> {
    @Override
    public InputStream stream(Outbound value) {
      return value.stream();
    }

    @Override
    public Outbound parse(InputStream stream) {
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
