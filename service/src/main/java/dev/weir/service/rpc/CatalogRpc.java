package dev.weir.service.rpc;

import dev.weir.service.catalog.DefinedSensor;
import dev.weir.service.catalog.TopicInfo;
import dev.weir.service.catalog.TopicSettings;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fair.Caller;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.ControlPool;
import dev.weir.service.session.PageToken;
import dev.weir.service.session.ServerContext;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.topic.TopicLifecycle;
import dev.weir.service.wire.names.TopicNameRule;
import dev.weir.v1.CreateTopicRequest;
import dev.weir.v1.CreateTopicResponse;
import dev.weir.v1.DeleteTopicRequest;
import dev.weir.v1.DeleteTopicResponse;
import dev.weir.v1.GetTopicRequest;
import dev.weir.v1.GetTopicResponse;
import dev.weir.v1.ListSensorsRequest;
import dev.weir.v1.ListSensorsResponse;
import dev.weir.v1.ListTopicsRequest;
import dev.weir.v1.ListTopicsResponse;
import dev.weir.v1.ResolveSensorsRequest;
import dev.weir.v1.ResolveSensorsResponse;
import dev.weir.v1.Sensor;
import dev.weir.v1.UpdateTopicRequest;
import dev.weir.v1.UpdateTopicResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * The methods of CatalogService: topics and sensors. Thread-safe; they run on the control pool, and
 * what waits for a sync elsewhere. Each may throw a FaultException.
 */
public final class CatalogRpc {
  private static final int PAGE_SIZE_DEFAULT = 100;
  private static final String LIST_TOPICS = "ListTopics";
  private static final String LIST_SENSORS = "ListSensors";

  private final TopicLifecycle topics;
  private final Limits limits;
  private final TopicMessages messages;
  private final ControlPool control;
  private final ControlPool changes;
  private final Budget requests;

  /**
   * Serves the catalogue of some topics.
   *
   * @param control runs its methods
   * @param changes creates topics, changes and deletes them
   * @param requests what partitions still hold of calls that nobody waits for any more
   */
  public CatalogRpc(
      TopicLifecycle topics,
      Limits limits,
      ControlPool control,
      ControlPool changes,
      Budget requests) {
    this.topics = topics;
    this.limits = limits;
    this.control = control;
    this.changes = changes;
    this.requests = requests;
    this.messages = new TopicMessages(limits);
  }

  CompletableFuture<CreateTopicResponse> createTopic(Caller caller, CreateTopicRequest request) {
    dev.weir.v1.Topic asked = request.getTopic();
    checkName("topic.name", asked.getName());
    int idBytes = request.getRequestId().getBytes(StandardCharsets.UTF_8).length;
    if (idBytes > limits.getInt(Limit.REQUEST_ID_BYTES_MAX)) {
      refuse(
          Fault.invalid(
              "request_id",
              "has " + idBytes + " bytes, more than " + limits.told(Limit.REQUEST_ID_BYTES_MAX)));
    }
    TopicSettings settings = messages.settings(asked);
    String name = asked.getName();
    String requestId = request.getRequestId();
    return changes.make(
        caller,
        () ->
            CreateTopicResponse.newBuilder()
                .setTopic(message(topics.create(name, settings, requestId).info()))
                .build());
  }

  CompletableFuture<UpdateTopicResponse> updateTopic(Caller caller, UpdateTopicRequest request) {
    String name = request.getTopic().getName();
    checkThere("topic.name", name);
    UnaryOperator<TopicSettings> change = messages.change(request);
    return changes.make(
        caller,
        () ->
            UpdateTopicResponse.newBuilder()
                .setTopic(message(topics.update(name, change).info()))
                .build());
  }

  CompletableFuture<DeleteTopicResponse> deleteTopic(Caller caller, DeleteTopicRequest request) {
    String name = request.getName();
    checkThere("name", name);
    return changes.make(
        caller,
        () -> {
          topics.delete(name);
          return DeleteTopicResponse.getDefaultInstance();
        });
  }

  CompletableFuture<ResolveSensorsResponse> resolveSensors(
      Caller caller, ResolveSensorsRequest request) {
    ServedTopic topic = find("topic", request.getTopic());
    int most = limits.getInt(Limit.BATCH_SENSORS_MAX);
    if (request.getSensorsCount() > most) {
      refuse(
          Fault.field(
              ErrorCode.TOO_LARGE,
              "sensors",
              "has "
                  + request.getSensorsCount()
                  + " sensors, more than batch_sensors_max ("
                  + most
                  + "); send fewer at once"));
    }
    return SensorResolver.run(
        caller,
        topic,
        request.getSensorsList(),
        ServerContext.definitions(limits),
        control,
        requests);
  }

  GetTopicResponse getTopic(GetTopicRequest request) {
    return GetTopicResponse.newBuilder()
        .setTopic(message(find("name", request.getName()).info()))
        .build();
  }

  ListTopicsResponse listTopics(ListTopicsRequest request) {
    int size = pageSize(request.getPageSize());
    List<TopicInfo> page =
        topics.registry().page(PageToken.place(LIST_TOPICS, request.getPageToken()), size + 1);
    ListTopicsResponse.Builder response = ListTopicsResponse.newBuilder();
    long bytes = 0;
    int taken = 0;
    for (; goesOn(taken, size, page.size(), bytes); taken++) {
      dev.weir.v1.Topic topic = message(page.get(taken));
      response.addTopics(topic);
      bytes += topic.getSerializedSize();
    }
    if (taken < page.size()) {
      response.setNextPageToken(PageToken.of(LIST_TOPICS, page.get(taken - 1).name()));
    }
    return response.build();
  }

  ListSensorsResponse listSensors(ListSensorsRequest request) {
    int size = pageSize(request.getPageSize());
    int fromId = PageToken.number(LIST_SENSORS, request.getPageToken());
    List<DefinedSensor> page = find("topic", request.getTopic()).sensors().page(fromId, size + 1);
    ListSensorsResponse.Builder response = ListSensorsResponse.newBuilder();
    long bytes = 0;
    int taken = 0;
    for (; goesOn(taken, size, page.size(), bytes); taken++) {
      Sensor sensor = page.get(taken).toSensor();
      response.addSensors(sensor);
      bytes += sensor.getSerializedSize();
    }
    if (taken < page.size()) {
      response.setNextPageToken(PageToken.of(LIST_SENSORS, Integer.toString(page.get(taken).id())));
    }
    return response.build();
  }

  /**
   * Returns whether a page takes one more: it ends by number and by bytes, as libraries bound
   * messages.
   */
  private boolean goesOn(int taken, int size, int found, long bytes) {
    return taken < Math.min(size, found)
        && (taken == 0 || bytes < limits.get(Limit.READ_BYTES_MAX));
  }

  private int pageSize(int asked) {
    int max = limits.getInt(Limit.PAGE_SIZE_MAX);
    if (asked < 0 || asked > max) {
      refuse(Fault.invalid("page_size", "must be from 1 to " + max + ", or 0 for 100"));
    }
    return asked == 0 ? Math.min(PAGE_SIZE_DEFAULT, max) : asked;
  }

  private ServedTopic find(String field, String name) {
    ServedTopic topic = topics.registry().find(name);
    if (topic == null) {
      checkThere(field, name);
      refuse(topics.registry().refusal(name));
    }
    return topic;
  }

  /** The name of a topic that is to be there already. */
  private void checkThere(String field, String name) {
    if (topics.registry().find(name) == null && !topics.registry().cannotOpen(name)) {
      checkName(field, name);
    }
  }

  private static void refuse(Fault fault) {
    throw fault.exception();
  }

  private static void checkName(String field, String name) {
    TopicNameRule.check(name).ifPresent(why -> refuse(Fault.invalid(field, why)));
  }

  private dev.weir.v1.Topic message(TopicInfo topic) {
    return TopicMessages.message(topic, topics.bytesMax(topic.settings()));
  }
}
