package dev.weir.client.internal.unary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import dev.weir.client.LastValues;
import dev.weir.client.WeirException;
import dev.weir.client.internal.connection.InProcessServerChannels;
import dev.weir.client.internal.connection.RetryBudget;
import dev.weir.client.internal.connection.ServerSelector;
import dev.weir.client.internal.threads.ManualClientLoop;
import dev.weir.v1.CatalogServiceGrpc;
import dev.weir.v1.CommitCursorRequest;
import dev.weir.v1.CommitCursorResponse;
import dev.weir.v1.CommittedCursor;
import dev.weir.v1.CreateTopicRequest;
import dev.weir.v1.CreateTopicResponse;
import dev.weir.v1.DeleteCursorRequest;
import dev.weir.v1.DeleteCursorResponse;
import dev.weir.v1.DeleteTopicRequest;
import dev.weir.v1.DeleteTopicResponse;
import dev.weir.v1.Durability;
import dev.weir.v1.GetCursorsRequest;
import dev.weir.v1.GetCursorsResponse;
import dev.weir.v1.GetLatestRequest;
import dev.weir.v1.GetLatestResponse;
import dev.weir.v1.Reading;
import dev.weir.v1.ResolveSensorsRequest;
import dev.weir.v1.ResolveSensorsResponse;
import dev.weir.v1.Retention;
import dev.weir.v1.Selector;
import dev.weir.v1.Sensor;
import dev.weir.v1.SensorBinding;
import dev.weir.v1.SensorProblem;
import dev.weir.v1.SubscribeServiceGrpc;
import dev.weir.v1.Topic;
import dev.weir.v1.UpdateTopicRequest;
import dev.weir.v1.UpdateTopicResponse;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The unary calls against a server that keeps what it was asked. */
class UnaryCallsTest {
  private final List<Message> asked = Collections.synchronizedList(new ArrayList<>());
  private Server server;
  private ServerSelector servers;
  private UnaryCalls calls;

  @BeforeEach
  void start() throws Exception {
    String name = InProcessServerBuilder.generateName();
    server =
        InProcessServerBuilder.forName(name)
            .directExecutor()
            .addService(new Subscribing())
            .addService(new Catalog())
            .build()
            .start();
    ManualClientLoop loop = new ManualClientLoop();
    servers = InProcessServerChannels.servers(loop, name);
    calls =
        new UnaryCalls(
            new UnaryRetry(
                servers, loop, new RetryBudget(2, 0), new SplittableRandom(1), () -> 0L));
  }

  @AfterEach
  void stop() {
    servers.close();
    server.shutdownNow();
  }

  @Test
  void lastValues_areFetchedAsTheyAreWalked() {
    LastValues latest = calls.latest("t", Selector.newBuilder().addGlobs("a/*").build());
    assertThat(latest.cursor()).isEqualTo("as of 0");
    assertThat(asked).hasSize(1);
    assertThat(latest).extracting(Reading::getSensor).containsExactly("s0", "s1", "s2");
    assertThat(asked).as("the first page was there already").hasSize(3);
    assertThat(latest.tooLarge()).containsExactly("big0", "big1", "big2");
    GetLatestRequest first = (GetLatestRequest) asked.get(0);
    assertThat(first.getTopic()).isEqualTo("t");
    assertThat(first.getSelector().getGlobs(0)).isEqualTo("a/*");
  }

  @Test
  void cursors_areListedReadCommittedAndDeleted() {
    assertThat(calls.cursors("t").list())
        .extracting(CommittedCursor::getName)
        .containsExactly("c0", "c1", "c2");
    assertThat(calls.cursors("t").get("mine").getName()).isEqualTo("mine");
    assertThatThrownBy(() -> calls.cursors("t").get("none"))
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.reason()).isEqualTo("NOT_FOUND"));
    assertThatThrownBy(() -> calls.cursors("t").get(""))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(calls.cursors("t").commit("mine", "x")).isEqualTo("x or later");
    calls.cursors("t").delete("mine");
    assertThat(asked)
        .contains(
            CommitCursorRequest.newBuilder().setTopic("t").setName("mine").setCursor("x").build(),
            DeleteCursorRequest.newBuilder().setTopic("t").setName("mine").build());
  }

  @Test
  void topics_areCreatedChangedAndDeleted() {
    Retention day =
        Retention.newBuilder()
            .setMaxAge(com.google.protobuf.Duration.newBuilder().setSeconds(86_400))
            .build();
    Topic memory = calls.createTopic("t", 4, Durability.DURABILITY_MEMORY, day);
    assertThat(memory.getDurability()).isEqualTo(Durability.DURABILITY_MEMORY);
    assertThat(memory.getRetention()).isEqualTo(day);
    assertThat(memory.getPartitionCount()).isEqualTo(4);

    assertThat(calls.updateLabels("t", Map.of("k", "v")).getLabelsMap()).containsEntry("k", "v");
    calls.updateRetention("t", day);
    calls.deleteTopic("t");
    assertThat(asked)
        .filteredOn(UpdateTopicRequest.class::isInstance)
        .map(message -> List.copyOf(((UpdateTopicRequest) message).getUpdateMask().getPathsList()))
        .containsExactly(List.of("labels"), List.of("retention"));
    assertThat(asked).contains(DeleteTopicRequest.newBuilder().setName("t").build());
  }

  @Test
  void manySensors_areResolvedInSeveralRequestsUnderTheirOwnIndexes() {
    List<Sensor> sensors =
        IntStream.range(0, 5_000)
            .mapToObj(i -> Sensor.newBuilder().setName(i == 4_500 ? "bad" : "s" + i).build())
            .toList();
    ResolveSensorsResponse resolved = calls.resolveSensors("t", sensors);
    assertThat(asked)
        .map(message -> ((ResolveSensorsRequest) message).getSensorsCount())
        .containsExactly(4_096, 904);
    assertThat(resolved.getBindingsCount()).isEqualTo(4_999);
    assertThat(resolved.getBindings(4_998).getName()).isEqualTo("s4999");
    assertThat(resolved.getProblemsList()).map(SensorProblem::getIndex).containsExactly(4_500);
  }

  private <T extends Message> void answer(Message request, StreamObserver<T> to, T response) {
    asked.add(request);
    to.onNext(response);
    to.onCompleted();
  }

  /** Three pages of everything; the token is the page's number. */
  private static String nextToken(int page) {
    return page < 2 ? Integer.toString(page + 1) : "";
  }

  private static int page(String token) {
    return token.isEmpty() ? 0 : Integer.parseInt(token);
  }

  private final class Subscribing extends SubscribeServiceGrpc.SubscribeServiceImplBase {
    @Override
    public void getLatest(GetLatestRequest request, StreamObserver<GetLatestResponse> to) {
      int page = page(request.getPageToken());
      answer(
          request,
          to,
          GetLatestResponse.newBuilder()
              .addReadings(Reading.newBuilder().setSensor("s" + page))
              .setCursor("as of " + page)
              .addTooLarge("big" + page)
              .setNextPageToken(nextToken(page))
              .build());
    }

    @Override
    public void getCursors(GetCursorsRequest request, StreamObserver<GetCursorsResponse> to) {
      if (request.getName().equals("none")) {
        to.onError(Status.NOT_FOUND.asRuntimeException());
        return;
      }
      int page = page(request.getPageToken());
      boolean one = !request.getName().isEmpty();
      answer(
          request,
          to,
          GetCursorsResponse.newBuilder()
              .addCursors(
                  CommittedCursor.newBuilder().setName(one ? request.getName() : "c" + page))
              .setNextPageToken(one ? "" : nextToken(page))
              .build());
    }

    @Override
    public void commitCursor(CommitCursorRequest request, StreamObserver<CommitCursorResponse> to) {
      String cursor = request.getCursor() + " or later";
      answer(request, to, CommitCursorResponse.newBuilder().setCursor(cursor).build());
    }

    @Override
    public void deleteCursor(DeleteCursorRequest request, StreamObserver<DeleteCursorResponse> to) {
      answer(request, to, DeleteCursorResponse.getDefaultInstance());
    }
  }

  private final class Catalog extends CatalogServiceGrpc.CatalogServiceImplBase {
    @Override
    public void createTopic(CreateTopicRequest request, StreamObserver<CreateTopicResponse> to) {
      answer(request, to, CreateTopicResponse.newBuilder().setTopic(request.getTopic()).build());
    }

    @Override
    public void updateTopic(UpdateTopicRequest request, StreamObserver<UpdateTopicResponse> to) {
      answer(request, to, UpdateTopicResponse.newBuilder().setTopic(request.getTopic()).build());
    }

    @Override
    public void deleteTopic(DeleteTopicRequest request, StreamObserver<DeleteTopicResponse> to) {
      answer(request, to, DeleteTopicResponse.getDefaultInstance());
    }

    @Override
    public void resolveSensors(
        ResolveSensorsRequest request, StreamObserver<ResolveSensorsResponse> to) {
      ResolveSensorsResponse.Builder response = ResolveSensorsResponse.newBuilder();
      for (int i = 0; i < request.getSensorsCount(); i++) {
        String name = request.getSensors(i).getName();
        if (name.equals("bad")) {
          response.addProblems(SensorProblem.newBuilder().setIndex(i));
        } else {
          response.addBindings(SensorBinding.newBuilder().setName(name).setId(i));
        }
      }
      answer(request, to, response.build());
    }
  }
}
