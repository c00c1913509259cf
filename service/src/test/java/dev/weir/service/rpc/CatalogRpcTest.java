package dev.weir.service.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fair.Caller;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.partition.FakeLog;
import dev.weir.service.partition.ManualExecutor;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.ControlPool;
import dev.weir.service.topic.TestTopics;
import dev.weir.v1.CreateTopicRequest;
import dev.weir.v1.CreateTopicResponse;
import dev.weir.v1.DeleteTopicRequest;
import dev.weir.v1.DeleteTopicResponse;
import dev.weir.v1.Durability;
import dev.weir.v1.GetTopicRequest;
import dev.weir.v1.GetTopicResponse;
import dev.weir.v1.Kind;
import dev.weir.v1.ListSensorsRequest;
import dev.weir.v1.ListSensorsResponse;
import dev.weir.v1.ResolveSensorsRequest;
import dev.weir.v1.ResolveSensorsResponse;
import dev.weir.v1.Retention;
import dev.weir.v1.Sensor;
import dev.weir.v1.SensorBinding;
import dev.weir.v1.Topic;
import dev.weir.v1.UpdateTopicRequest;
import dev.weir.v1.UpdateTopicResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The catalogue as a service, whose writers run as soon as they are asked. */
class CatalogRpcTest {
  private static final Caller CALLER = Caller.of("test");

  private static final long MIB = 1 << 20;

  /** What one call answered. */
  private record Answer<T>(CompletableFuture<T> future) {
    T ok() {
      assertThat(future).isCompleted();
      return future.join();
    }

    ErrorCode code() {
      return fault().code();
    }

    Fault fault() {
      assertThat(future).isCompletedExceptionally();
      Throwable failed = future.handle((value, why) -> why).join();
      return ((FaultException) failed).fault();
    }
  }

  private final TestTopics world = new TestTopics(Limits.defaults(), 1 << 20);
  private final ManualExecutor changes = new ManualExecutor();
  private final Budget requests = new Budget("test_bytes", 1 << 20);
  private final CatalogRpc rpc =
      new CatalogRpc(
          world.topics(),
          Limits.defaults(),
          new ControlPool(Runnable::run, java.time.Duration.ofMillis(1)),
          new ControlPool(changes, java.time.Duration.ofMillis(1)),
          requests);

  @BeforeEach
  void runAtOnce() {
    world.runAtOnce();
    changes.runAtOnce();
  }

  private static <Q, T> Answer<T> call(Function<Q, CompletableFuture<T>> method, Q request) {
    try {
      return new Answer<>(method.apply(request));
    } catch (FaultException refused) {
      return new Answer<>(CompletableFuture.failedFuture(refused));
    }
  }

  private Answer<CreateTopicResponse> create(Topic.Builder topic) {
    var request = CreateTopicRequest.newBuilder().setTopic(topic.setName("t")).build();
    return call(asked -> rpc.createTopic(CALLER, asked), request);
  }

  private Answer<UpdateTopicResponse> update(Topic.Builder topic, String... paths) {
    UpdateTopicRequest.Builder request =
        UpdateTopicRequest.newBuilder().setTopic(topic.setName("t"));
    request.getUpdateMaskBuilder().addAllPaths(List.of(paths));
    return call(asked -> rpc.updateTopic(CALLER, asked), request.build());
  }

  private Answer<GetTopicResponse> get() {
    return call(
        asked -> CompletableFuture.completedFuture(rpc.getTopic(asked)),
        GetTopicRequest.newBuilder().setName("t").build());
  }

  private Answer<DeleteTopicResponse> delete(String name) {
    var request = DeleteTopicRequest.newBuilder().setName(name).build();
    return call(asked -> rpc.deleteTopic(CALLER, asked), request);
  }

  private static Topic.Builder retention(long seconds, int nanos, long bytes) {
    return Topic.newBuilder()
        .setRetention(
            Retention.newBuilder()
                .setMaxAge(Duration.newBuilder().setSeconds(seconds).setNanos(nanos))
                .setMaxBytes(bytes));
  }

  @Test
  void createdTopic_showsWhatHolds() {
    Topic byDefault = create(Topic.newBuilder()).ok().getTopic();
    assertThat(byDefault.getDurability()).isEqualTo(Durability.DURABILITY_SYNCED);
    assertThat(byDefault.getPartitionCount()).isEqualTo(1);
    assertThat(byDefault.getRetention().getMaxBytes()).isEqualTo(16_384 * MIB);
    assertThat(byDefault.getRetention().hasMaxAge()).isFalse();
    assertThat(byDefault.hasUpdateTime()).isFalse();
    assertThat(create(retention(0, 0, 16_384 * MIB)).ok().getTopic()).isEqualTo(byDefault);
    assertThat(get().ok().getTopic()).isEqualTo(byDefault);
  }

  @Test
  void memoryTopic_showsItsOwnDefault() {
    var memory = Topic.newBuilder().setDurability(Durability.DURABILITY_MEMORY);
    Topic topic = create(memory).ok().getTopic();
    assertThat(topic.getDurability()).isEqualTo(Durability.DURABILITY_MEMORY);
    assertThat(topic.getRetention().getMaxBytes()).isEqualTo(64 * MIB);
    assertThat(update(retention(0, 0, 2_048 * MIB), "retention.max_bytes").code())
        .as("over the heap")
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void wrongChoices_areRefused() {
    for (Topic.Builder wrong :
        List.of(
            Topic.newBuilder().setPartitionCount(65),
            Topic.newBuilder().setPartitionCount(-1),
            Topic.newBuilder().setCreateTime(Timestamp.newBuilder().setSeconds(1)),
            Topic.newBuilder().setUpdateTime(Timestamp.newBuilder().setSeconds(1)),
            Topic.newBuilder().putLabels("", "x"),
            retention(0, 999_999_999, 0),
            retention(-5, 0, 0),
            retention(2, -1, 0),
            retention(Long.MAX_VALUE, 0, 0),
            retention(0, 0, MIB - 1),
            retention(0, 0, -1))) {
      assertThat(create(wrong).code()).as("%s", wrong).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }
    assertThat(create(Topic.newBuilder().setDurability(Durability.DURABILITY_REPLICATED)).code())
        .isEqualTo(ErrorCode.UNIMPLEMENTED);
    assertThat(create(Topic.newBuilder().setDurabilityValue(99)).code())
        .isEqualTo(ErrorCode.UNIMPLEMENTED);
    assertThat(get().code()).isEqualTo(ErrorCode.TOPIC_NOT_FOUND);
  }

  @Test
  void updateThatNamesAFieldManyTimes_isRefused_andDoesNotNestAChangeForEach() {
    world.topic("t", 1);
    String[] many = new String[100_000];
    Arrays.fill(many, "labels");
    assertThat(update(Topic.newBuilder(), many).code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void updateWithAVeryLongPath_isRefusedWithAShortText() {
    create(Topic.newBuilder()).ok();
    Fault refusal = update(Topic.newBuilder(), "x".repeat(100_000)).fault();
    assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(refusal.message()).hasSizeLessThan(250).contains("xxx", "cannot be changed");
  }

  @Test
  void update_changesWhatTheMaskNamesAndNothingElse() {
    create(retention(10, 0, 2 * MIB).putLabels("a", "b")).ok();
    world.moveClock(5_000_000_000L);
    Topic one = update(retention(20, 5, 3 * MIB), "retention.max_age").ok().getTopic();
    assertThat(one.getRetention()).isEqualTo(retention(20, 5, 2 * MIB).getRetention());
    assertThat(one.getLabelsMap()).containsEntry("a", "b");
    assertThat(one.getUpdateTime().getSeconds() - one.getCreateTime().getSeconds()).isEqualTo(5);
    Topic two = update(Topic.newBuilder(), "labels", "retention.max_bytes").ok().getTopic();
    assertThat(two.getLabelsMap()).isEmpty();
    assertThat(two.getRetention().getMaxBytes()).as("the default").isEqualTo(16_384 * MIB);
    assertThat(two.getRetention().getMaxAge().getSeconds()).isEqualTo(20);
    Topic three = update(Topic.newBuilder(), "retention").ok().getTopic();
    assertThat(three.getRetention().hasMaxAge()).isFalse();
    assertThat(get().ok().getTopic()).isEqualTo(three);
  }

  @Test
  void wrongUpdates_areRefused() {
    create(Topic.newBuilder()).ok();
    assertThat(update(Topic.newBuilder()).code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    for (String fixed : List.of("name", "partition_count", "durability", "*", "")) {
      assertThat(update(Topic.newBuilder(), "labels", fixed).code())
          .as(fixed)
          .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }
    assertThat(update(retention(0, 5, 0), "retention").code())
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(update(retention(0, 0, 5), "retention").code())
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(get().ok().getTopic().hasUpdateTime()).isFalse();
    delete("t").ok();
    assertThat(update(Topic.newBuilder(), "labels").code()).isEqualTo(ErrorCode.TOPIC_NOT_FOUND);
  }

  @Test
  void deletedTopic_isNotFound() {
    create(Topic.newBuilder()).ok();
    delete("t").ok();
    assertThat(get().code()).isEqualTo(ErrorCode.TOPIC_NOT_FOUND);
    assertThat(delete("t").code()).isEqualTo(ErrorCode.TOPIC_NOT_FOUND);
    assertThat(delete("T").code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(create(Topic.newBuilder()).ok()).isNotNull();
  }

  @Test
  void changesThatWait_holdNoControlThread_andAreNotMadeWhenTheirTimeIsOver() {
    changes.runAtOnce(false);
    Answer<CreateTopicResponse> late = create(Topic.newBuilder());
    assertThat(late.future()).isNotDone();
    assertThat(get().code()).as("an answer meanwhile").isEqualTo(ErrorCode.TOPIC_NOT_FOUND);
    late.future().cancel(false);
    assertThat(changes.runOne()).isTrue();
    assertThat(get().code()).isEqualTo(ErrorCode.TOPIC_NOT_FOUND);
    Answer<CreateTopicResponse> created = create(Topic.newBuilder());
    changes.refuse(true);
    assertThat(delete("t").code()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(changes.runOne()).isTrue();
    created.ok();
    get().ok();
  }

  private Answer<ResolveSensorsResponse> resolve(List<Sensor> sensors) {
    var request = ResolveSensorsRequest.newBuilder().setTopic("t").addAllSensors(sensors).build();
    return call(asked -> rpc.resolveSensors(CALLER, asked), request);
  }

  private static Sensor sensor(String name, Kind kind) {
    return Sensor.newBuilder().setName(name).setKind(kind).build();
  }

  @Test
  void resolvedSensors_areMadeOnceAndComeInOrder() {
    create(Topic.newBuilder().setPartitionCount(3)).ok();
    List<Sensor> sensors =
        List.of(
            sensor("b", Kind.KIND_TEXT),
            sensor("bad+name", Kind.KIND_TEXT),
            sensor("a", Kind.KIND_DOUBLE),
            sensor("unknown", Kind.KIND_UNSPECIFIED),
            sensor("c", Kind.KIND_BOOLEAN));
    ResolveSensorsResponse first = resolve(sensors).ok();
    assertThat(first.getBindingsList())
        .extracting(SensorBinding::getName)
        .containsExactly("b", "a", "c");
    assertThat(first.getProblemsList()).extracting(p -> p.getIndex()).containsExactly(1, 3);
    assertThat(first.getProblemsList())
        .extracting(p -> p.getProblem().getReason())
        .containsExactly("INVALID_ARGUMENT", "SENSOR_NOT_FOUND");
    assertThat(resolve(sensors).ok()).as("idempotent").isEqualTo(first);
    ResolveSensorsResponse byName =
        resolve(List.of(sensor("a", Kind.KIND_UNSPECIFIED), sensor("b", Kind.KIND_DOUBLE))).ok();
    assertThat(byName.getBindingsList()).containsExactly(first.getBindings(1));
    assertThat(byName.getProblems(0).getIndex()).isEqualTo(1);
    assertThat(byName.getProblems(0).getProblem().getReason()).isEqualTo("KIND_MISMATCH");
  }

  @Test
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void logThatDoesNotAnswer_holdsNoControlThread_andIsAnsweredBehind() {
    create(Topic.newBuilder().setPartitionCount(2)).ok();
    FakeLog log = world.log(world.topics().registry().find("t"), 0);
    log.hold();
    List<Sensor> sensors =
        List.of(
            sensor(SampleBatches.name(0, 0, 2), Kind.KIND_DOUBLE),
            sensor(SampleBatches.name(0, 1, 2), Kind.KIND_TEXT));
    Answer<ResolveSensorsResponse> waiting = resolve(sensors);
    Answer<ResolveSensorsResponse> left = resolve(sensors);
    assertThat(waiting.future()).isNotDone();
    assertThat(resolve(sensors.subList(1, 2)).ok().getBindingsCount())
        .as("of a partition that answers")
        .isEqualTo(1);
    left.future().cancel(false);
    assertThat(requests.used())
        .as("the writer has both, although nobody waits for one")
        .isBetween(2 * 100L, 2 * 1_000L);
    log.release();
    assertThat(requests.used()).isZero();
    assertThat(waiting.ok().getBindingsList())
        .extracting(SensorBinding::getName)
        .containsExactly(sensors.get(0).getName(), sensors.get(1).getName());
  }

  @Test
  void tooManySensors_areRefused() {
    create(Topic.newBuilder()).ok();
    Sensor sensor = sensor("a", Kind.KIND_DOUBLE);
    assertThat(resolve(Collections.nCopies(4_097, sensor)).code()).isEqualTo(ErrorCode.TOO_LARGE);
    assertThat(resolve(Collections.nCopies(4_096, sensor)).ok().getBindingsCount())
        .isEqualTo(4_096);
  }

  @Test
  void topicOfDotsThatAnOlderServerMade_isServed_andCanBeDeleted() {
    assertThat(delete("..").code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    world.topic("..", 1); // as older servers made it
    var get = GetTopicRequest.newBuilder().setName("..").build();
    assertThat(rpc.getTopic(get).getTopic().getName()).isEqualTo("..");
    delete("..").ok();
    assertThat(delete("..").code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void pagesOfTopicsAndSensors_endByBytesToo_andNothingIsMissing() {
    int labelBytes = 200;
    Sensor.Builder sensor = Sensor.newBuilder().setKind(Kind.KIND_DOUBLE);
    for (int i = 0; i < 32; i++) {
      sensor.putLabels("key" + i, "v".repeat(labelBytes));
    }
    create(Topic.newBuilder()).ok();
    ResolveSensorsRequest.Builder define = ResolveSensorsRequest.newBuilder().setTopic("t");
    for (int i = 0; i < 400; i++) {
      define.addSensors(sensor.setName("s" + i));
    }
    call(asked -> rpc.resolveSensors(CALLER, asked), define.build()).ok();

    ListSensorsRequest.Builder ask =
        ListSensorsRequest.newBuilder().setTopic("t").setPageSize(1_000);
    List<Integer> ids = new ArrayList<>();
    int pages = 0;
    String token = "";
    do {
      ListSensorsResponse page = rpc.listSensors(ask.setPageToken(token).build());
      assertThat(page.getSerializedSize()).isLessThan((int) MIB + 64 * (labelBytes + 20));
      page.getSensorsList().forEach(listed -> ids.add(listed.getId()));
      token = page.getNextPageToken();
      pages++;
    } while (!token.isEmpty());
    assertThat(pages).isGreaterThan(1);
    assertThat(ids).hasSize(400).isSorted().doesNotHaveDuplicates();
  }
}
