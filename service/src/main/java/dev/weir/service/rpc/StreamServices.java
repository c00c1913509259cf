package dev.weir.service.rpc;

import dev.weir.service.core.Slice;
import dev.weir.service.session.Desk;
import dev.weir.service.session.PublishCall;
import dev.weir.service.session.PublishSession;
import dev.weir.service.session.ReadCall;
import dev.weir.service.session.SubscribeSession;
import dev.weir.service.session.TailCall;
import dev.weir.service.wire.Frame;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.SubscribeServiceGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The publishing and subscribing services with marshallers of our own. They keep the generated
 * schema, so reflection shows them like any other. Stateless.
 */
public final class StreamServices {
  private StreamServices() {}

  /** PublishService. */
  public static ServerServiceDefinition publish(Desk desk, StreamCalls calls) {
    Map<MethodDescriptor<?, ?>, StreamCalls.Starter> methods = new LinkedHashMap<>();
    methods.put(
        PublishServiceGrpc.getPublishMethod(), (loop, out) -> new PublishCall(desk, loop, out));
    methods.put(
        PublishServiceGrpc.getPublishStreamMethod(),
        (loop, out) -> new PublishSession(desk, loop, out));
    return define(PublishServiceGrpc.getServiceDescriptor(), methods, calls);
  }

  /** SubscribeService. */
  public static ServerServiceDefinition subscribe(Desk desk, StreamCalls calls) {
    Map<MethodDescriptor<?, ?>, StreamCalls.Starter> methods = new LinkedHashMap<>();
    methods.put(SubscribeServiceGrpc.getTailMethod(), (loop, out) -> new TailCall(desk, loop, out));
    methods.put(SubscribeServiceGrpc.getReadMethod(), (loop, out) -> new ReadCall(desk, loop, out));
    methods.put(
        SubscribeServiceGrpc.getSubscribeMethod(),
        (loop, out) -> new SubscribeSession(desk, loop, out));
    return define(SubscribeServiceGrpc.getServiceDescriptor(), methods, calls);
  }

  private static ServerServiceDefinition define(
      ServiceDescriptor generated,
      Map<MethodDescriptor<?, ?>, StreamCalls.Starter> methods,
      StreamCalls calls) {
    Map<MethodDescriptor<Slice, Frame>, StreamCalls.Starter> own = new LinkedHashMap<>();
    methods.forEach(
        (method, starter) ->
            own.put(method.toBuilder(Marshallers.IN, Marshallers.OUT).build(), starter));
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(generated.getName())
            .setSchemaDescriptor(generated.getSchemaDescriptor());
    own.keySet().forEach(descriptor::addMethod);
    ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(descriptor.build());
    own.forEach(
        (method, starter) ->
            service.addMethod(ServerMethodDefinition.create(method, calls.handler(starter))));
    return service.build();
  }
}
