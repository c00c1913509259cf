package dev.weir.client.internal;

import dev.weir.client.Topics;
import dev.weir.v1.AdminServiceGrpc;
import dev.weir.v1.CatalogServiceGrpc;
import dev.weir.v1.CreateTopicRequest;
import dev.weir.v1.GetServerInfoRequest;
import dev.weir.v1.GetServerInfoResponse;
import dev.weir.v1.GetTopicRequest;
import dev.weir.v1.ListSensorsRequest;
import dev.weir.v1.ListSensorsResponse;
import dev.weir.v1.ListTopicsRequest;
import dev.weir.v1.ListTopicsResponse;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.ReadResponse;
import dev.weir.v1.Sensor;
import dev.weir.v1.SubscribeServiceGrpc;
import dev.weir.v1.Topic;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The unary calls; deadlines and retries come from the service config. Immutable, thread-safe. */
final class UnaryCalls implements Topics {
  private static final int PAGE_SIZE = 1_000;
  private static final long READ_MILLIS = 5_000;

  private final CatalogServiceGrpc.CatalogServiceBlockingStub catalog;
  private final AdminServiceGrpc.AdminServiceBlockingStub admin;
  private final SubscribeServiceGrpc.SubscribeServiceBlockingStub subscribe;

  UnaryCalls(Channel channel) {
    this.catalog = CatalogServiceGrpc.newBlockingStub(channel);
    this.admin = AdminServiceGrpc.newBlockingStub(channel);
    this.subscribe = SubscribeServiceGrpc.newBlockingStub(channel);
  }

  GetServerInfoResponse serverInfo() {
    return call(() -> admin.getServerInfo(GetServerInfoRequest.getDefaultInstance()));
  }

  ReadResponse read(ReadRequest request) {
    long waitMillis =
        TimeUnit.SECONDS.toMillis(request.getWait().getSeconds())
            + TimeUnit.NANOSECONDS.toMillis(request.getWait().getNanos());
    return call(
        () ->
            subscribe
                .withDeadlineAfter(READ_MILLIS + waitMillis, TimeUnit.MILLISECONDS)
                .read(request));
  }

  @Override
  public Topic createTopic(Topic topic) {
    CreateTopicRequest request = CreateTopicRequest.newBuilder().setTopic(topic).build();
    return call(() -> catalog.createTopic(request)).getTopic();
  }

  @Override
  public Topic getTopic(String name) {
    GetTopicRequest request = GetTopicRequest.newBuilder().setName(name).build();
    return call(() -> catalog.getTopic(request)).getTopic();
  }

  @Override
  public Iterable<Topic> listTopics() {
    return () ->
        new PageIterator<>(
            token -> {
              ListTopicsRequest request =
                  ListTopicsRequest.newBuilder().setPageSize(PAGE_SIZE).setPageToken(token).build();
              ListTopicsResponse page = call(() -> catalog.listTopics(request));
              return new PageIterator.Page<>(page.getTopicsList(), page.getNextPageToken());
            });
  }

  @Override
  public Iterable<Sensor> listSensors(String topic) {
    return () ->
        new PageIterator<>(
            token -> {
              ListSensorsRequest request =
                  ListSensorsRequest.newBuilder()
                      .setTopic(topic)
                      .setPageSize(PAGE_SIZE)
                      .setPageToken(token)
                      .build();
              ListSensorsResponse page = call(() -> catalog.listSensors(request));
              return new PageIterator.Page<>(page.getSensorsList(), page.getNextPageToken());
            });
  }

  private static <T> T call(Supplier<T> call) {
    try {
      return call.get();
    } catch (StatusRuntimeException e) {
      throw Errors.of(e);
    }
  }
}
