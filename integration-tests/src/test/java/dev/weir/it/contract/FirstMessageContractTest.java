package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.TestServer;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.v1.AdminServiceGrpc;
import dev.weir.v1.CatalogServiceGrpc;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.SubscribeServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.health.v1.HealthGrpc;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Calls that are begun and then send nothing. Netty only. */
final class FirstMessageContractTest extends ContractTest {
  @Test
  void callWithoutItsFirstMessage_ends_whateverTheMethod() throws Exception {
    TestServer server =
        server(
            TransportSetup.NETTY_1,
            quick().with(Limit.OPEN_TIMEOUT_MS, 200).with(Limit.SESSIONS_MAX, 5));
    Map<String, CompletableFuture<Status>> ends = new LinkedHashMap<>();
    Stream.of(
            PublishServiceGrpc.getServiceDescriptor(),
            SubscribeServiceGrpc.getServiceDescriptor(),
            CatalogServiceGrpc.getServiceDescriptor(),
            AdminServiceGrpc.getServiceDescriptor(),
            HealthGrpc.getServiceDescriptor())
        .flatMap(service -> service.getMethods().stream())
        .forEach(method -> ends.put(method.getFullMethodName(), begin(server, method)));
    for (Map.Entry<String, CompletableFuture<Status>> end : ends.entrySet()) {
      assertThat(end.getValue().get(10, TimeUnit.SECONDS).getCode())
          .as(end.getKey())
          .isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }
    // Their places are free: all five of them can be had again.
    assertThat(server.topic("t", 1).stored()).isEmpty();
  }

  private static <Q, R> CompletableFuture<Status> begin(
      TestServer server, MethodDescriptor<Q, R> method) {
    CompletableFuture<Status> end = new CompletableFuture<>();
    ClientCall<Q, R> call = server.channel().newCall(method, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        new Metadata());
    call.request(2);
    return end;
  }
}
