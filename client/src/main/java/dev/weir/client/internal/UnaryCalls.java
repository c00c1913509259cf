package dev.weir.client.internal;

import com.google.protobuf.FieldMask;
import dev.weir.client.LastValues;
import dev.weir.client.Topics;
import dev.weir.v1.AdminServiceGrpc;
import dev.weir.v1.CatalogServiceGrpc;
import dev.weir.v1.CreateTopicRequest;
import dev.weir.v1.DeleteTopicRequest;
import dev.weir.v1.GetLatestRequest;
import dev.weir.v1.GetServerInfoRequest;
import dev.weir.v1.GetServerInfoResponse;
import dev.weir.v1.GetTopicRequest;
import dev.weir.v1.ListSensorsRequest;
import dev.weir.v1.ListSensorsResponse;
import dev.weir.v1.ListTopicsRequest;
import dev.weir.v1.ListTopicsResponse;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.ReadResponse;
import dev.weir.v1.ResolveSensorsRequest;
import dev.weir.v1.ResolveSensorsResponse;
import dev.weir.v1.Selector;
import dev.weir.v1.Sensor;
import dev.weir.v1.SensorProblem;
import dev.weir.v1.SubscribeServiceGrpc;
import dev.weir.v1.Topic;
import dev.weir.v1.UpdateTopicRequest;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The unary calls; deadlines and retries come from the service config. Immutable, thread-safe. */
final class UnaryCalls implements Topics {
  static final int PAGE_SIZE = 1_000;
  private static final int RESOLVE_MAX = 4_096;
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

  @Override
  public Topic updateTopic(Topic topic, List<String> fields) {
    UpdateTopicRequest request =
        UpdateTopicRequest.newBuilder()
            .setTopic(topic)
            .setUpdateMask(FieldMask.newBuilder().addAllPaths(fields))
            .build();
    return call(() -> catalog.updateTopic(request)).getTopic();
  }

  @Override
  public void deleteTopic(String name) {
    DeleteTopicRequest request = DeleteTopicRequest.newBuilder().setName(name).build();
    call(() -> catalog.deleteTopic(request));
  }

  @Override
  public ResolveSensorsResponse resolveSensors(String topic, List<Sensor> sensors) {
    ResolveSensorsResponse.Builder all = ResolveSensorsResponse.newBuilder();
    for (int from = 0; from < sensors.size(); from += RESOLVE_MAX) {
      int to = Math.min(sensors.size(), from + RESOLVE_MAX);
      ResolveSensorsRequest request =
          ResolveSensorsRequest.newBuilder()
              .setTopic(topic)
              .addAllSensors(sensors.subList(from, to))
              .build();
      ResolveSensorsResponse part = call(() -> catalog.resolveSensors(request));
      all.addAllBindings(part.getBindingsList());
      for (SensorProblem problem : part.getProblemsList()) {
        all.addProblems(problem.toBuilder().setIndex(from + problem.getIndex()));
      }
    }
    return all.build();
  }

  LastValues latest(String topic, Selector selector) {
    return new LatestPages(
        token ->
            call(
                () ->
                    subscribe.getLatest(
                        GetLatestRequest.newBuilder()
                            .setTopic(topic)
                            .setSelector(selector)
                            .setPageToken(token)
                            .build())));
  }

  CursorCalls cursors(String topic) {
    return new CursorCalls(subscribe, topic);
  }

  /** Makes a call and translates its failure. */
  static <T> T call(Supplier<T> call) {
    try {
      return call.get();
    } catch (StatusRuntimeException e) {
      throw Errors.of(e);
    }
  }
}
