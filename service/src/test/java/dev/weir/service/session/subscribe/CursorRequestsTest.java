package dev.weir.service.session.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weir.service.catalog.TopicSettings;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.partition.FakeLog;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.topic.TestTopics;
import dev.weir.v1.CommitCursorRequest;
import dev.weir.v1.CommitCursorResponse;
import dev.weir.v1.CommittedCursor;
import dev.weir.v1.DeleteCursorRequest;
import dev.weir.v1.DeleteCursorResponse;
import dev.weir.v1.Durability;
import dev.weir.v1.GetCursorsRequest;
import dev.weir.v1.GetCursorsResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CursorRequestsTest {
  private final TestTopics world = new TestTopics(Limits.defaults(), 1 << 20);
  private final List<Fault> faults = new ArrayList<>();
  private ServedTopic topic = world.topic("t", 1);
  private CursorRequests commits = new CursorRequests(world.topics().registry(), Limits.defaults());

  private void publish(long... values) {
    var payload = SampleBatches.named("x", values);
    var append = new PartitionRequest.Append(null, "", 0, 0, payload, result -> {});
    assertThat(topic.partitions().get(0).offer(append)).isTrue();
    world.run();
  }

  private CommitCursorResponse commit(String name, String cursor) {
    List<CommitCursorResponse> answers = new ArrayList<>();
    CommitCursorRequest request =
        CommitCursorRequest.newBuilder().setTopic("t").setName(name).setCursor(cursor).build();
    commits.commitCursor(request, answers::add, faults::add);
    return answers.isEmpty() ? null : answers.get(0);
  }

  private Fault refused() {
    assertThat(faults).hasSize(1);
    return faults.remove(0);
  }

  private GetCursorsResponse get(String name, int size, String token) {
    return commits.getCursors(
        GetCursorsRequest.newBuilder()
            .setTopic("t")
            .setName(name)
            .setPageSize(size)
            .setPageToken(token)
            .build());
  }

  private DeleteCursorResponse delete(String topicName, String name) {
    List<DeleteCursorResponse> answers = new ArrayList<>();
    var request = DeleteCursorRequest.newBuilder().setTopic(topicName).setName(name).build();
    commits.deleteCursor(request, answers::add, faults::add);
    return answers.isEmpty() ? null : answers.get(0);
  }

  @Test
  void committedCursor_isKeptWithItsLag() {
    String begin = topic.headCursor().text();
    publish(1, 2, 3);
    Cursor inside =
        topic.headCursor().with(0, new Position(topic.range(0).currentEpoch(), 0, 0, 1));
    assertThat(commit("n", begin).getCursor()).isEqualTo(begin);
    assertThat(commit("n", inside.text()).getCursor()).isEqualTo(inside.text());
    CommittedCursor kept = get("n", 0, "").getCursors(0);
    assertThat(kept.getCursor()).isEqualTo(inside.text());
    assertThat(kept.getLagReadings()).isEqualTo(2);
    assertThat(kept.getCommitTime().getSeconds())
        .isEqualTo(TestTopics.START_NANOS / 1_000_000_000L);
    String head = topic.headCursor().text();
    commit("n", head);
    assertThat(commit("n", begin).getCursor()).as("never back").isEqualTo(head);
    world.restart();
    topic = world.topic("t", 1);
    commits = new CursorRequests(world.topics().registry(), Limits.defaults());
    assertThat(get("", 0, "").getCursorsList())
        .extracting(CommittedCursor::getCursor)
        .containsExactly(head);
    assertThat(get("n", 0, "").getCursors(0).getLagReadings()).isZero();
  }

  @Test
  void lagOfACursorBeforeARestart_isWhatTheMemoryHoldsNow() {
    var memory = new TopicSettings(1, Durability.DURABILITY_MEMORY, 0, 0, Map.of());
    world.topics().delete("t");
    topic = world.topics().create("t", memory, "");
    publish(1, 2, 3, 4, 5);
    commit("n", topic.headCursor().text());
    world.restart();
    topic = world.topic("t", 1);
    commits = new CursorRequests(world.topics().registry(), Limits.defaults());
    publish(6, 7);
    assertThat(get("n", 0, "").getCursors(0).getLagReadings()).isEqualTo(2);
  }

  @Test
  void wrongCursors_areRefusedWithTheField() {
    Cursor head = topic.headCursor();
    Cursor other = world.topic("other", 1).headCursor();
    Cursor future = head.with(0, new Position(head.position(0).epoch(), 1, 1, 0));
    for (String wrong : List.of("", "nonsense", other.text(), future.text())) {
      assertThat(commit("n", wrong)).isNull();
      Fault fault = refused();
      assertThat(fault.code()).isEqualTo(ErrorCode.CURSOR_INVALID);
      assertThat(fault.violations()).extracting(Fault.Violation::field).containsExactly("cursor");
    }
    assertThat(get("", 0, "").getCursorsCount()).isZero();
  }

  @Test
  void wrongNames_areRefusedWithTheField() {
    String head = topic.headCursor().text();
    for (String wrong : List.of("", "ü".repeat(65), "a\nb", "a\u0000", "\u0085")) {
      assertThat(commit(wrong, head)).isNull();
      Fault fault = refused();
      assertThat(fault.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(fault.violations()).extracting(Fault.Violation::field).containsExactly("name");
    }
    assertThat(commit("ü".repeat(64), head)).isNotNull();
  }

  @Test
  void pages_followEachOther() {
    for (String name : List.of("a", "b", "c")) {
      commit(name, topic.headCursor().text());
    }
    GetCursorsResponse first = get("", 2, "");
    assertThat(first.getCursorsList())
        .extracting(CommittedCursor::getName)
        .containsExactly("a", "b");
    GetCursorsResponse second = get("", 2, first.getNextPageToken());
    assertThat(second.getCursorsList()).extracting(CommittedCursor::getName).containsExactly("c");
    assertThat(second.getNextPageToken()).isEmpty();
    int tooMany = Limits.defaults().getInt(Limit.PAGE_SIZE_MAX) + 1;
    assertThat(catchThrowableOfType(FaultException.class, () -> get("", tooMany, "")).fault())
        .satisfies(fault -> assertThat(fault.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
  }

  @Test
  void pages_endByTheirBytesToo() {
    int bytesMax = 65_536;
    world.topics().delete("t");
    topic = world.topic("t", 64);
    commits =
        new CursorRequests(
            world.topics().registry(), Limits.defaults().with(Limit.READ_BYTES_MAX, bytesMax));
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      names.add("consumer " + (1_000 + i));
      commit(names.get(i), topic.headCursor().text());
    }
    List<String> found = new ArrayList<>();
    String token = "";
    do {
      GetCursorsResponse page = get("", 1_000, token);
      assertThat(page.getSerializedSize()).isBetween(1, bytesMax + 2_000);
      page.getCursorsList().forEach(one -> found.add(one.getName()));
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    assertThat(found).isEqualTo(names);
  }

  @Test
  void whatDoesNotExist_isNotFound() {
    assertThat(catchThrowableOfType(FaultException.class, () -> get("n", 0, "")).fault())
        .satisfies(fault -> assertThat(fault.code()).isEqualTo(ErrorCode.CURSOR_NOT_FOUND));
    assertThat(delete("t", "n")).isNull();
    assertThat(refused().code()).isEqualTo(ErrorCode.CURSOR_NOT_FOUND);
    assertThat(delete("none", "n")).isNull();
    assertThat(refused().code()).isEqualTo(ErrorCode.TOPIC_NOT_FOUND);
    assertThat(delete("NONE", "n")).isNull();
    assertThat(refused().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    commit("n", topic.headCursor().text());
    assertThat(delete("t", "n")).isNotNull();
    assertThat(get("", 0, "").getCursorsCount()).isZero();
  }

  @Test
  void commitThatIsNotStored_isToldSo() {
    world.systemLog().end(FakeLog.End.NOT_STORED);
    assertThat(commit("n", topic.headCursor().text())).isNull();
    assertThat(refused().code()).isEqualTo(ErrorCode.STORE_FAILED);
    assertThat(get("", 0, "").getCursorsCount()).isZero();
  }
}
