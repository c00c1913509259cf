package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.UnknownFieldSet;
import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestServer;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.service.config.ServerConfig;
import dev.weir.v1.CatalogServiceGrpc;
import dev.weir.v1.CatalogServiceGrpc.CatalogServiceBlockingStub;
import dev.weir.v1.CreateTopicRequest;
import dev.weir.v1.Durability;
import dev.weir.v1.GetTopicRequest;
import dev.weir.v1.Kind;
import dev.weir.v1.ListSensorsRequest;
import dev.weir.v1.ListSensorsResponse;
import dev.weir.v1.ListTopicsRequest;
import dev.weir.v1.ListTopicsResponse;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.Sensor;
import dev.weir.v1.Topic;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** CatalogService. */
final class CatalogContractTest extends ContractTest {
  private static CatalogServiceBlockingStub catalog(TestServer server) {
    return CatalogServiceGrpc.newBlockingStub(server.channel())
        .withDeadlineAfter(TestTopic.DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  private static CreateTopicRequest create(String name, int partitions, String requestId) {
    return CreateTopicRequest.newBuilder()
        .setTopic(
            Topic.newBuilder()
                .setName(name)
                .setPartitionCount(partitions)
                .putLabels("site", "north"))
        .setRequestId(requestId)
        .build();
  }

  @EachTransport
  void createTopic_isIdempotent_andOtherSettingsAreRefused(TransportSetup setup) {
    TestServer server = server(setup, quick());
    Topic made = catalog(server).createTopic(create("alpha", 3, "r1")).getTopic();
    assertThat(made.getPartitionCount()).isEqualTo(3);
    assertThat(made.getDurability()).isEqualTo(Durability.DURABILITY_SYNCED);
    assertThat(made.getLabelsMap()).containsEntry("site", "north");
    assertThat(made.getCreateTime().getSeconds()).isPositive();

    assertThat(catalog(server).createTopic(create("alpha", 3, "r2")).getTopic()).isEqualTo(made);
    assertThat(catalog(server).createTopic(create("alpha", 3, "r1")).getTopic()).isEqualTo(made);
    CallFailure other = CallFailure.by(() -> catalog(server).createTopic(create("alpha", 2, "r3")));
    assertThat(other.code()).isEqualTo(Status.Code.ALREADY_EXISTS);
    assertThat(other.reason()).isEqualTo("TOPIC_EXISTS");
    server.stop();
    server.startAgain();
    assertThat(get(server, "alpha")).as("after a restart").isEqualTo(made);
    assertThat(catalog(server).createTopic(create("alpha", 3, "r1")).getTopic()).isEqualTo(made);
  }

  private static Topic get(TestServer server, String name) {
    return catalog(server).getTopic(GetTopicRequest.newBuilder().setName(name).build()).getTopic();
  }

  @EachTransport
  void createTopic_refusesWrongSettings_namingTheField(TransportSetup setup) {
    TestServer server = server(setup, quick().with(Limit.TOPICS_MAX, 1));
    assertThat(refused(server, create("Upper", 1, "")).fields()).containsExactly("topic.name");
    assertThat(refused(server, create("", 1, "")).fields()).containsExactly("topic.name");
    assertThat(refused(server, create("a", 65, "")).fields())
        .containsExactly("topic.partition_count");
    assertThat(refused(server, create("a", 1, "x".repeat(65))).fields())
        .containsExactly("request_id");
    CreateTopicRequest.Builder replicated = create("a", 1, "").toBuilder();
    replicated.getTopicBuilder().setDurability(Durability.DURABILITY_REPLICATED);
    assertThat(refused(server, replicated.build()).code()).isEqualTo(Status.Code.UNIMPLEMENTED);
    CreateTopicRequest.Builder retained = create("a", 1, "").toBuilder();
    retained.getTopicBuilder().getRetentionBuilder().setMaxBytes(1);
    assertThat(refused(server, retained.build()).fields())
        .containsExactly("topic.retention.max_bytes");
    UnknownFieldSet unknown =
        UnknownFieldSet.newBuilder()
            .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
            .build();
    CreateTopicRequest.Builder newer = create("a", 1, "").toBuilder();
    newer.getTopicBuilder().setUnknownFields(unknown);
    assertThat(refused(server, newer.build()).reason()).isEqualTo("UNIMPLEMENTED");
    catalog(server).createTopic(create("a", 1, ""));
    assertThat(refused(server, create("b", 1, "")).reason()).isEqualTo("LIMIT_REACHED");
  }

  private static CallFailure refused(TestServer server, CreateTopicRequest request) {
    return CallFailure.by(() -> catalog(server).createTopic(request));
  }

  @EachTransport
  void listTopics_pagesByName(TransportSetup setup) {
    TestServer server = server(setup, quick());
    for (String name : List.of("d", "b", "a", "e", "c")) {
      catalog(server).createTopic(create(name, 1, ""));
    }
    List<String> names = new ArrayList<>();
    List<Integer> sizes = new ArrayList<>();
    String token = "";
    do {
      ListTopicsResponse page =
          catalog(server)
              .listTopics(
                  ListTopicsRequest.newBuilder().setPageSize(2).setPageToken(token).build());
      page.getTopicsList().forEach(topic -> names.add(topic.getName()));
      sizes.add(page.getTopicsCount());
      token = page.getNextPageToken();
    } while (!token.isEmpty());

    assertThat(names).containsExactly("a", "b", "c", "d", "e");
    assertThat(sizes).containsExactly(2, 2, 1);
    ListTopicsRequest large = ListTopicsRequest.newBuilder().setPageSize(1_001).build();
    assertThat(CallFailure.by(() -> catalog(server).listTopics(large)).fields())
        .containsExactly("page_size");
  }

  @EachSetup
  void listSensors_pagesById_withUnitsAndLabels(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawPublishSession publisher = topic.publisher().opened();
    Sensor described =
        TestBatches.sensor(topic.sensor(0, 0), Kind.KIND_DOUBLE).toBuilder()
            .setUnit("Cel")
            .putLabels("floor", "2")
            .build();
    publisher.define(1, described);
    TopicFiller.partitions(topic, 2);
    List<Sensor> sensors = new ArrayList<>();
    String token = "";
    do {
      ListSensorsResponse page =
          catalog(topic.server())
              .listSensors(
                  ListSensorsRequest.newBuilder()
                      .setTopic(topic.name())
                      .setPageSize(1)
                      .setPageToken(token)
                      .build());
      assertThat(page.getSensorsCount()).isLessThanOrEqualTo(1);
      sensors.addAll(page.getSensorsList());
      token = page.getNextPageToken();
    } while (!token.isEmpty());

    assertThat(sensors).extracting(Sensor::getId).isSorted().doesNotHaveDuplicates();
    assertThat(sensors).hasSize(2 * setup.partitions());
    Sensor first = sensors.get(0);
    assertThat(first).isEqualTo(described.toBuilder().setId(first.getId()).build());
  }

  @EachTransport
  void missingTopic_isCreatedInDevelopmentMode_byPublishTailAndSubscribe(TransportSetup setup) {
    TestServer server = server(setup, quick());
    new TestTopic(server, "one", 1).writer().publish(publish("one"));
    new TestTopic(server, "two", 1).publisher().opened();
    TestTopic three = new TestTopic(server, "three", 1);
    assertThat(three.reader().tail(three.everything().clearUntil().build()).next().hasStarted())
        .isTrue();
    RawSubscribeSession subscriber = new TestTopic(server, "four", 1).subscriber();
    subscriber.open(subscriber.everything(1));
    assertThat(subscriber.awaitStatus(1).hasProblem()).isFalse();

    for (String name : List.of("one", "two", "three", "four")) {
      assertThat(get(server, name).getPartitionCount()).isEqualTo(1);
    }
    assertThat(CallFailure.by(() -> get(server, "five")).reason()).isEqualTo("TOPIC_NOT_FOUND");
  }

  private static PublishRequest publish(String topic) {
    return PublishRequest.newBuilder().setTopic(topic).setBatch(TestBatches.rows("s", 1)).build();
  }

  @EachTransport
  void missingTopic_isNotFoundOtherwise_withTheFix(TransportSetup setup) {
    ServerConfig base = ServerConfig.defaults();
    ServerConfig configured =
        new ServerConfig(
            base.host(),
            0,
            newDirectory(),
            false,
            Optional.empty(),
            quick(),
            Optional.of(Path.of("weir.yaml")));
    TestServer server = server(setup, configured);
    TestTopic missing = new TestTopic(server, "missing", 1);
    List<CallFailure> refusals =
        List.of(
            CallFailure.by(() -> missing.writer().publish(publish("missing"))),
            CallFailure.by(missing::stored),
            CallFailure.by(() -> TestCatalog.of(missing)),
            CallFailure.by(() -> get(server, "missing")),
            missing.publisher().sendOpen("p", 0).awaitEnd());

    assertThat(refusals).allMatch(refusal -> refusal.code() == Status.Code.NOT_FOUND);
    assertThat(refusals).allMatch(refusal -> refusal.reason().equals("TOPIC_NOT_FOUND"));
    assertThat(refusals).allMatch(refusal -> refusal.message().contains("CreateTopic"));
    RawSubscribeSession subscriber = missing.subscriber();
    subscriber.open(subscriber.everything(1));
    assertThat(subscriber.awaitStatus(1).getProblem().getReason()).isEqualTo("TOPIC_NOT_FOUND");
  }
}
