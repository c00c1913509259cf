package dev.weir.service.rpc;

import dev.weir.service.core.Timer;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.Commits;
import dev.weir.service.session.Desk;
import dev.weir.service.session.LatestQuery;
import dev.weir.service.session.PublishCall;
import dev.weir.service.session.PublishSession;
import dev.weir.service.session.ReadCall;
import dev.weir.service.session.SubscribeSession;
import dev.weir.service.session.TailCall;
import dev.weir.service.session.UploadCall;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.SubscribeServiceGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ServerCalls;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

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
        PublishServiceGrpc.getUploadMethod(), (loop, out) -> new UploadCall(desk, loop, out));
    methods.put(
        PublishServiceGrpc.getPublishStreamMethod(),
        (loop, out) -> new PublishSession(desk, loop, out));
    return define(PublishServiceGrpc.getServiceDescriptor(), own(methods, calls));
  }

  /** SubscribeService; the timer ends calls that wait too long. */
  public static ServerServiceDefinition subscribe(Desk desk, StreamCalls calls, Timer timer) {
    Map<MethodDescriptor<?, ?>, StreamCalls.Starter> methods = new LinkedHashMap<>();
    methods.put(SubscribeServiceGrpc.getTailMethod(), (loop, out) -> new TailCall(desk, loop, out));
    methods.put(SubscribeServiceGrpc.getReadMethod(), (loop, out) -> new ReadCall(desk, loop, out));
    methods.put(
        SubscribeServiceGrpc.getSubscribeMethod(),
        (loop, out) -> new SubscribeSession(desk, loop, out));
    List<ServerMethodDefinition<?, ?>> all = new ArrayList<>(own(methods, calls));
    all.addAll(unary(desk, timer));
    return define(SubscribeServiceGrpc.getServiceDescriptor(), all);
  }

  private static List<ServerMethodDefinition<?, ?>> unary(Desk desk, Timer timer) {
    Unary unary = Unary.of(desk, timer);
    LatestQuery latest = new LatestQuery(desk, timer);
    Commits commits = new Commits(desk.topics(), desk.limits());
    return List.of(
        ServerMethodDefinition.create(
            SubscribeServiceGrpc.getGetLatestMethod(),
            ServerCalls.asyncUnaryCall(
                (request, observer) -> unary.answerLater(request, observer, latest::answer))),
        ServerMethodDefinition.create(
            SubscribeServiceGrpc.getCommitCursorMethod(),
            ServerCalls.asyncUnaryCall(
                (request, observer) ->
                    unary.answerLater(
                        request,
                        observer,
                        asked -> later((done, no) -> commits.commitCursor(asked, done, no))))),
        ServerMethodDefinition.create(
            SubscribeServiceGrpc.getGetCursorsMethod(),
            ServerCalls.asyncUnaryCall(
                (request, observer) -> unary.answer(request, observer, commits::getCursors))),
        ServerMethodDefinition.create(
            SubscribeServiceGrpc.getDeleteCursorMethod(),
            ServerCalls.asyncUnaryCall(
                (request, observer) ->
                    unary.answerLater(
                        request,
                        observer,
                        asked -> later((done, no) -> commits.deleteCursor(asked, done, no))))));
  }

  private static <R> CompletableFuture<R> later(BiConsumer<Consumer<R>, Consumer<Fault>> call) {
    CompletableFuture<R> answer = new CompletableFuture<>();
    call.accept(answer::complete, fault -> answer.completeExceptionally(fault.exception()));
    return answer;
  }

  /** Methods whose messages stay bytes. */
  private static List<ServerMethodDefinition<?, ?>> own(
      Map<MethodDescriptor<?, ?>, StreamCalls.Starter> methods, StreamCalls calls) {
    List<ServerMethodDefinition<?, ?>> own = new ArrayList<>();
    methods.forEach(
        (method, starter) ->
            own.add(
                ServerMethodDefinition.create(
                    method.toBuilder(Marshallers.IN, Marshallers.OUT).build(),
                    calls.handler(starter))));
    return own;
  }

  private static ServerServiceDefinition define(
      ServiceDescriptor generated, List<ServerMethodDefinition<?, ?>> methods) {
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(generated.getName())
            .setSchemaDescriptor(generated.getSchemaDescriptor());
    methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(service::addMethod);
    return service.build();
  }
}
