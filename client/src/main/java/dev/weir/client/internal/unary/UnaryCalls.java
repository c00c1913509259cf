package dev.weir.client.internal.unary;

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
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishResponse;
import dev.weir.v1.PublishServiceGrpc;
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
import java.time.Duration;
import java.util.List;

/** The unary calls; deadlines and retries come from the service config. Immutable, thread-safe. */
public final class UnaryCalls implements Topics {
  static final int PAGE_SIZE = 1_000;
  private static final int RESOLVE_MAX = 4_096;
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(5);
  private static final long WAIT_SECONDS_MAX = 600; // no server waits longer

  private final UnaryRetry calls;

  public UnaryCalls(UnaryRetry calls) {
    this.calls = calls;
  }

  public GetServerInfoResponse serverInfo() {
    return calls.call(
        AdminServiceGrpc.getGetServerInfoMethod(), GetServerInfoRequest.getDefaultInstance());
  }

  public ReadResponse read(ReadRequest request) {
    long waitSeconds = Math.max(0, Math.min(WAIT_SECONDS_MAX, request.getWait().getSeconds()));
    Duration most =
        READ_TIMEOUT.plusSeconds(waitSeconds).plusNanos(Math.max(0, request.getWait().getNanos()));
    return calls.call(
        SubscribeServiceGrpc.getReadMethod(),
        request,
        calls.policyOf(SubscribeServiceGrpc.getReadMethod()).within(most));
  }

  public PublishResponse publish(PublishRequest request) {
    MethodConfig policy = calls.policyOf(PublishServiceGrpc.getPublishMethod());
    boolean storedOnce = !request.getProducer().isEmpty() && request.getSequence() != 0;
    return calls.call(
        PublishServiceGrpc.getPublishMethod(), request, storedOnce ? policy.repeatable() : policy);
  }

  @Override
  public Topic createTopic(Topic topic) {
    CreateTopicRequest request = CreateTopicRequest.newBuilder().setTopic(topic).build();
    return calls.call(CatalogServiceGrpc.getCreateTopicMethod(), request).getTopic();
  }

  @Override
  public Topic getTopic(String name) {
    GetTopicRequest request = GetTopicRequest.newBuilder().setName(name).build();
    return calls.call(CatalogServiceGrpc.getGetTopicMethod(), request).getTopic();
  }

  @Override
  public Iterable<Topic> listTopics() {
    return () ->
        new PageIterator<>(
            token -> {
              ListTopicsRequest request =
                  ListTopicsRequest.newBuilder().setPageSize(PAGE_SIZE).setPageToken(token).build();
              ListTopicsResponse page =
                  calls.call(CatalogServiceGrpc.getListTopicsMethod(), request);
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
              ListSensorsResponse page =
                  calls.call(CatalogServiceGrpc.getListSensorsMethod(), request);
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
    return calls.call(CatalogServiceGrpc.getUpdateTopicMethod(), request).getTopic();
  }

  @Override
  public void deleteTopic(String name) {
    DeleteTopicRequest request = DeleteTopicRequest.newBuilder().setName(name).build();
    calls.call(CatalogServiceGrpc.getDeleteTopicMethod(), request);
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
      ResolveSensorsResponse part =
          calls.call(CatalogServiceGrpc.getResolveSensorsMethod(), request);
      all.addAllBindings(part.getBindingsList());
      for (SensorProblem problem : part.getProblemsList()) {
        all.addProblems(problem.toBuilder().setIndex(from + problem.getIndex()));
      }
    }
    return all.build();
  }

  public LastValues latest(String topic, Selector selector) {
    return new LastValuePages(
        token ->
            calls.call(
                SubscribeServiceGrpc.getGetLatestMethod(),
                GetLatestRequest.newBuilder()
                    .setTopic(topic)
                    .setSelector(selector)
                    .setPageToken(token)
                    .build()));
  }

  public CursorCalls cursors(String topic) {
    return new CursorCalls(calls, topic);
  }
}
