package dev.weir.service.rpc;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import dev.weir.service.core.Timer;
import dev.weir.service.core.fair.Caller;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.ServerContext;
import dev.weir.service.session.UnaryCall;
import dev.weir.service.session.publish.PublishCall;
import dev.weir.service.session.publish.PublishSession;
import dev.weir.service.session.publish.UploadCall;
import dev.weir.service.session.subscribe.CursorRequests;
import dev.weir.service.session.subscribe.LatestQuery;
import dev.weir.service.session.subscribe.ReadCall;
import dev.weir.service.session.subscribe.SubscribeSession;
import dev.weir.service.session.subscribe.TailCall;
import dev.weir.v1.AdminServiceGrpc;
import dev.weir.v1.CatalogServiceGrpc;
import dev.weir.v1.CommitCursorRequest;
import dev.weir.v1.CreateTopicRequest;
import dev.weir.v1.DeleteCursorRequest;
import dev.weir.v1.DeleteTopicRequest;
import dev.weir.v1.EndSessionRequest;
import dev.weir.v1.GetCursorsRequest;
import dev.weir.v1.GetLatestRequest;
import dev.weir.v1.GetServerInfoRequest;
import dev.weir.v1.GetSessionRequest;
import dev.weir.v1.GetTopicRequest;
import dev.weir.v1.ListSensorsRequest;
import dev.weir.v1.ListSessionsRequest;
import dev.weir.v1.ListTopicsRequest;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.ResolveSensorsRequest;
import dev.weir.v1.SubscribeServiceGrpc;
import dev.weir.v1.UpdateTopicRequest;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The services of the contract with marshallers of our own. They keep the generated schema, so
 * reflection shows them like any other. Stateless.
 */
public final class GrpcServices {
  /** The methods of one service and what drives a call of each. */
  private static final class Methods {
    private final ServerContext context;
    private final Map<MethodDescriptor<?, ?>, SessionCallHandler.Starter> starters =
        new LinkedHashMap<>();

    Methods(ServerContext context) {
      this.context = context;
    }

    Methods add(MethodDescriptor<?, ?> method, SessionCallHandler.Starter starter) {
      starters.put(method, starter);
      return this;
    }

    /** One that gives an answer at once. */
    <Q extends Message, R extends Message> Methods now(
        MethodDescriptor<Q, R> method, Parser<Q> parser, Function<Q, R> answer) {
      return later(method, parser, asked -> CompletableFuture.completedFuture(answer.apply(asked)));
    }

    /** One that gives an answer later. */
    <Q extends Message, R extends Message> Methods later(
        MethodDescriptor<Q, R> method, Parser<Q> parser, Function<Q, CompletableFuture<R>> answer) {
      return work(method, parser, (caller, asked) -> answer.apply(asked));
    }

    /** One that has work to do for its caller. */
    <Q extends Message, R extends Message> Methods work(
        MethodDescriptor<Q, R> method,
        Parser<Q> parser,
        BiFunction<Caller, Q, CompletableFuture<R>> answer) {
      return add(method, (loop, out) -> new UnaryCall<>(context, loop, out, parser, answer));
    }

    ServerServiceDefinition of(ServiceDescriptor generated, SessionCallHandler calls) {
      List<ServerMethodDefinition<?, ?>> own = new ArrayList<>();
      ServiceDescriptor.Builder descriptor =
          ServiceDescriptor.newBuilder(generated.getName())
              .setSchemaDescriptor(generated.getSchemaDescriptor());
      starters.forEach(
          (method, starter) -> {
            var bytes = method.toBuilder(Marshallers.IN, Marshallers.OUT).build();
            descriptor.addMethod(bytes);
            own.add(ServerMethodDefinition.create(bytes, calls.handler(starter)));
          });
      ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(descriptor.build());
      own.forEach(service::addMethod);
      return service.build();
    }
  }

  private GrpcServices() {}

  /** PublishService. */
  public static ServerServiceDefinition publish(ServerContext context, SessionCallHandler calls) {
    return new Methods(context)
        .add(
            PublishServiceGrpc.getPublishMethod(),
            (loop, out) -> new PublishCall(context, loop, out))
        .add(
            PublishServiceGrpc.getUploadMethod(), (loop, out) -> new UploadCall(context, loop, out))
        .add(
            PublishServiceGrpc.getPublishStreamMethod(),
            (loop, out) -> new PublishSession(context, loop, out))
        .of(PublishServiceGrpc.getServiceDescriptor(), calls);
  }

  /** SubscribeService; the timer ends calls that wait too long. */
  public static ServerServiceDefinition subscribe(
      ServerContext context, SessionCallHandler calls, Timer timer) {
    LatestQuery latest = new LatestQuery(context, timer);
    CursorRequests commits = new CursorRequests(context.topics(), context.limits());
    return new Methods(context)
        .add(SubscribeServiceGrpc.getTailMethod(), (loop, out) -> new TailCall(context, loop, out))
        .add(SubscribeServiceGrpc.getReadMethod(), (loop, out) -> new ReadCall(context, loop, out))
        .add(
            SubscribeServiceGrpc.getSubscribeMethod(),
            (loop, out) -> new SubscribeSession(context, loop, out))
        .work(SubscribeServiceGrpc.getGetLatestMethod(), GetLatestRequest.parser(), latest::answer)
        .later(
            SubscribeServiceGrpc.getCommitCursorMethod(),
            CommitCursorRequest.parser(),
            asked -> later((done, no) -> commits.commitCursor(asked, done, no)))
        .now(
            SubscribeServiceGrpc.getGetCursorsMethod(),
            GetCursorsRequest.parser(),
            commits::getCursors)
        .later(
            SubscribeServiceGrpc.getDeleteCursorMethod(),
            DeleteCursorRequest.parser(),
            asked -> later((done, no) -> commits.deleteCursor(asked, done, no)))
        .of(SubscribeServiceGrpc.getServiceDescriptor(), calls);
  }

  private static <R> CompletableFuture<R> later(BiConsumer<Consumer<R>, Consumer<Fault>> call) {
    CompletableFuture<R> answer = new CompletableFuture<>();
    call.accept(answer::complete, fault -> answer.completeExceptionally(fault.exception()));
    return answer;
  }

  /** CatalogService. */
  public static ServerServiceDefinition catalog(
      ServerContext context, SessionCallHandler calls, CatalogRpc rpc) {
    return new Methods(context)
        .work(
            CatalogServiceGrpc.getCreateTopicMethod(),
            CreateTopicRequest.parser(),
            rpc::createTopic)
        .now(CatalogServiceGrpc.getGetTopicMethod(), GetTopicRequest.parser(), rpc::getTopic)
        .now(CatalogServiceGrpc.getListTopicsMethod(), ListTopicsRequest.parser(), rpc::listTopics)
        .work(
            CatalogServiceGrpc.getUpdateTopicMethod(),
            UpdateTopicRequest.parser(),
            rpc::updateTopic)
        .work(
            CatalogServiceGrpc.getDeleteTopicMethod(),
            DeleteTopicRequest.parser(),
            rpc::deleteTopic)
        .now(
            CatalogServiceGrpc.getListSensorsMethod(),
            ListSensorsRequest.parser(),
            rpc::listSensors)
        .work(
            CatalogServiceGrpc.getResolveSensorsMethod(),
            ResolveSensorsRequest.parser(),
            rpc::resolveSensors)
        .of(CatalogServiceGrpc.getServiceDescriptor(), calls);
  }

  /** AdminService. */
  public static ServerServiceDefinition admin(
      ServerContext context, SessionCallHandler calls, AdminRpc rpc) {
    return new Methods(context)
        .now(
            AdminServiceGrpc.getGetServerInfoMethod(),
            GetServerInfoRequest.parser(),
            rpc::getServerInfo)
        .now(
            AdminServiceGrpc.getListSessionsMethod(),
            ListSessionsRequest.parser(),
            rpc::listSessions)
        .work(AdminServiceGrpc.getGetSessionMethod(), GetSessionRequest.parser(), rpc::getSession)
        .later(AdminServiceGrpc.getEndSessionMethod(), EndSessionRequest.parser(), rpc::endSession)
        .of(AdminServiceGrpc.getServiceDescriptor(), calls);
  }
}
