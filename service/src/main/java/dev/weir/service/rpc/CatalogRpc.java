package dev.weir.service.rpc;

import com.google.protobuf.Timestamp;
import dev.weir.service.catalog.SensorInfo;
import dev.weir.service.catalog.TopicInfo;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.Topic;
import dev.weir.service.partition.Topics;
import dev.weir.service.session.Control;
import dev.weir.service.wire.Definitions;
import dev.weir.service.wire.TopicName;
import dev.weir.v1.CatalogServiceGrpc;
import dev.weir.v1.CreateTopicRequest;
import dev.weir.v1.CreateTopicResponse;
import dev.weir.v1.Durability;
import dev.weir.v1.GetTopicRequest;
import dev.weir.v1.GetTopicResponse;
import dev.weir.v1.ListSensorsRequest;
import dev.weir.v1.ListSensorsResponse;
import dev.weir.v1.ListTopicsRequest;
import dev.weir.v1.ListTopicsResponse;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Topics and sensors over gRPC. Thread-safe; methods run on the control pool. */
public final class CatalogRpc extends CatalogServiceGrpc.CatalogServiceImplBase {
  private static final int PAGE_SIZE_DEFAULT = 100;
  private static final int PARTITIONS_MAX = 64;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final Topics topics;
  private final Limits limits;
  private final Unary unary;

  /** Serves the catalogue of some topics. */
  public CatalogRpc(Topics topics, Limits limits, Control control) {
    this.topics = topics;
    this.limits = limits;
    this.unary = new Unary(control);
  }

  @Override
  public void createTopic(
      CreateTopicRequest request, StreamObserver<CreateTopicResponse> observer) {
    unary.answer(request, observer, this::createTopic);
  }

  private CreateTopicResponse createTopic(CreateTopicRequest request) {
    dev.weir.v1.Topic asked = request.getTopic();
    check(request).ifPresent(CatalogRpc::refuse);
    int partitions = asked.getPartitionCount() == 0 ? 1 : asked.getPartitionCount();
    Topic topic =
        topics.create(asked.getName(), partitions, asked.getLabelsMap(), request.getRequestId());
    return CreateTopicResponse.newBuilder().setTopic(message(topic.info())).build();
  }

  private Optional<Fault> check(CreateTopicRequest request) {
    dev.weir.v1.Topic asked = request.getTopic();
    Optional<Fault> name =
        TopicName.check(asked.getName()).map(why -> Fault.invalid("topic.name", why));
    if (name.isPresent()) {
      return name;
    }
    if (asked.getPartitionCount() < 0 || asked.getPartitionCount() > PARTITIONS_MAX) {
      return Optional.of(
          Fault.invalid(
              "topic.partition_count",
              Integer.toUnsignedString(asked.getPartitionCount()) + " (expected 1 to 64)"));
    }
    if (asked.getDurabilityValue() > Durability.DURABILITY_SYNCED_VALUE) {
      return Optional.of(
          Fault.unimplemented(
              "topic.durability",
              asked.getDurability() + " is not built yet (expected DURABILITY_SYNCED)"));
    }
    if (asked.hasCreateTime()) {
      return Optional.of(Fault.invalid("topic.create_time", "is output only; leave it out"));
    }
    int idBytes = request.getRequestId().getBytes(StandardCharsets.UTF_8).length;
    if (idBytes > limits.getInt(Limit.REQUEST_ID_BYTES_MAX)) {
      return Optional.of(
          Fault.invalid(
              "request_id",
              idBytes + " bytes (at most " + limits.get(Limit.REQUEST_ID_BYTES_MAX) + ")"));
    }
    return Definitions.labels("topic.labels", asked.getLabelsMap());
  }

  @Override
  public void getTopic(GetTopicRequest request, StreamObserver<GetTopicResponse> observer) {
    unary.answer(
        request,
        observer,
        asked ->
            GetTopicResponse.newBuilder()
                .setTopic(message(find("name", asked.getName()).info()))
                .build());
  }

  @Override
  public void listTopics(ListTopicsRequest request, StreamObserver<ListTopicsResponse> observer) {
    unary.answer(request, observer, this::listTopics);
  }

  private ListTopicsResponse listTopics(ListTopicsRequest request) {
    int size = pageSize(request.getPageSize());
    List<Topic> page = topics.page(request.getPageToken(), size + 1);
    ListTopicsResponse.Builder response = ListTopicsResponse.newBuilder();
    page.stream().limit(size).forEach(topic -> response.addTopics(message(topic.info())));
    if (page.size() > size) {
      response.setNextPageToken(page.get(size - 1).info().name());
    }
    return response.build();
  }

  @Override
  public void listSensors(
      ListSensorsRequest request, StreamObserver<ListSensorsResponse> observer) {
    unary.answer(request, observer, this::listSensors);
  }

  private ListSensorsResponse listSensors(ListSensorsRequest request) {
    int size = pageSize(request.getPageSize());
    int fromId = sensorToken(request.getPageToken());
    List<SensorInfo> page = find("topic", request.getTopic()).sensors().page(fromId, size + 1);
    ListSensorsResponse.Builder response = ListSensorsResponse.newBuilder();
    page.stream().limit(size).forEach(sensor -> response.addSensors(sensor.toSensor()));
    if (page.size() > size) {
      response.setNextPageToken(Integer.toString(page.get(size).id()));
    }
    return response.build();
  }

  private static int sensorToken(String token) {
    if (token.isEmpty()) {
      return 0;
    }
    try {
      return Math.max(0, Integer.parseInt(token));
    } catch (NumberFormatException wrong) {
      throw Fault.invalid("page_token", "is not a next_page_token of ListSensors").exception();
    }
  }

  private int pageSize(int asked) {
    int max = limits.getInt(Limit.PAGE_SIZE_MAX);
    if (asked < 0 || asked > max) {
      refuse(Fault.invalid("page_size", "expected 1 to " + max + ", or 0 for 100"));
    }
    return asked == 0 ? Math.min(PAGE_SIZE_DEFAULT, max) : asked;
  }

  private Topic find(String field, String name) {
    TopicName.check(name).ifPresent(why -> refuse(Fault.invalid(field, why)));
    Topic topic = topics.find(name);
    if (topic == null) {
      refuse(
          Fault.of(
              ErrorCode.TOPIC_NOT_FOUND,
              "topic " + name + " does not exist; create it with CatalogService.CreateTopic"));
    }
    return topic;
  }

  private static void refuse(Fault fault) {
    throw fault.exception();
  }

  private static dev.weir.v1.Topic message(TopicInfo info) {
    return dev.weir.v1.Topic.newBuilder()
        .setName(info.name())
        .setPartitionCount(info.partitionCount())
        .setDurability(Durability.DURABILITY_SYNCED)
        .putAllLabels(info.labels())
        .setCreateTime(timestamp(info.createTimeNanos()))
        .build();
  }

  static Timestamp timestamp(long unixNanos) {
    return Timestamp.newBuilder()
        .setSeconds(Math.floorDiv(unixNanos, NANOS_PER_SECOND))
        .setNanos((int) Math.floorMod(unixNanos, NANOS_PER_SECOND))
        .build();
  }
}
