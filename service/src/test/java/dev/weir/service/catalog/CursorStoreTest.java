package dev.weir.service.catalog;

import static dev.weir.service.catalog.SystemLogFixture.cursor;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.catalog.CursorStore.Outcome;
import dev.weir.service.config.Limit;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.FakeLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CursorStoreTest {
  private static final TopicInfo T = SystemLogFixture.topic("t");

  private final SystemLogFixture world = new SystemLogFixture();

  @BeforeEach
  void storeTopic() {
    world.system.topics().store(T);
  }

  private List<Outcome> commit(String name, long first, long second) {
    return world.commit(T, name, cursor(T, first, second));
  }

  private static Outcome stored(long first, long second) {
    return new Outcome.Stored(cursor(T, first, second));
  }

  private static ErrorCode refused(List<Outcome> answer) {
    assertThat(answer).hasSize(1);
    return ((Outcome.Refused) answer.get(0)).fault().code();
  }

  private Optional<Cursor> committed(String name) {
    return world.system.cursors().find(T, name).map(CursorStore.Committed::cursor);
  }

  private List<Optional<Fault>> delete(String name) {
    List<Optional<Fault>> answer = new ArrayList<>();
    world.system.cursors().delete(T, name, answer::add);
    return answer;
  }

  @Test
  void commits_onlyMoveForwardInEachPartition() {
    assertThat(commit("n", 5, 1)).containsExactly(stored(5, 1));
    assertThat(commit("n", 3, 2)).containsExactly(stored(5, 2));
    assertThat(commit("other", 1, 1)).containsExactly(stored(1, 1));
    long records = world.log.endOffset();
    assertThat(commit("n", 4, 2)).as("moves nothing").containsExactly(stored(5, 2));
    assertThat(world.log.endOffset()).isEqualTo(records);
    assertThat(committed("n")).contains(cursor(T, 5, 2));
  }

  @Test
  void commitsBehindOneUnderWay_areOneEvent() {
    world.log.hold();
    List<Outcome> first = commit("n", 5, 5);
    List<Outcome> covered = commit("n", 4, 5);
    List<List<Outcome>> later = new ArrayList<>();
    for (int i = 1; i <= 10; i++) {
      later.add(commit("n", 5 + i, 5 - i % 3));
    }
    List<Outcome> behind = commit("n", 1, 1);
    assertThat(first).isEmpty();
    assertThat(committed("n")).as("nothing is told before it is durable").isEmpty();
    world.log.release();
    assertThat(first).containsExactly(stored(5, 5));
    assertThat(covered).as("waits for the one under way").containsExactly(stored(5, 5));
    later.forEach(answer -> assertThat(answer).containsExactly(stored(15, 5)));
    assertThat(behind).containsExactly(stored(15, 5));
    assertThat(world.log.records()).as("the topic, the first commit, the others").hasSize(3);
  }

  @Test
  void cursors_surviveByRecordsAndByCheckpoints() throws IOException {
    world.nowNanos = 2_000;
    commit("n", 5, 1);
    for (boolean orderly : new boolean[] {false, true, false}) {
      if (orderly) {
        world.stop();
      }
      world.start();
      assertThat(world.system.cursors().find(T, "n"))
          .contains(new CursorStore.Committed("n", cursor(T, 5, 1), 2_000));
    }
    assertThat(commit("n", 4, 4)).containsExactly(stored(5, 4));
  }

  @Test
  void pages_goByName() {
    for (String name : List.of("b", "a", "c")) {
      commit(name, 1, 1);
    }
    CursorStore cursors = world.system.cursors();
    assertThat(cursors.page(T, "", 2))
        .extracting(CursorStore.Committed::name)
        .containsExactly("a", "b");
    assertThat(cursors.page(T, "b", 2))
        .extracting(CursorStore.Committed::name)
        .containsExactly("c");
    assertThat(cursors.page(SystemLogFixture.topic("none"), "", 2)).isEmpty();
  }

  @Test
  void mostNames_refuseOneMoreAlsoWhileTheyAreUnderWay() {
    world.limits = world.limits.with(Limit.CURSORS_PER_TOPIC_MAX, 2);
    world.start();
    commit("a", 1, 1);
    world.log.hold();
    List<Outcome> b = commit("b", 1, 1);
    assertThat(refused(commit("c", 1, 1))).isEqualTo(ErrorCode.LIMIT_REACHED);
    List<Outcome> a = commit("a", 2, 2);
    world.log.release();
    assertThat(a).containsExactly(stored(2, 2));
    assertThat(b).containsExactly(stored(1, 1));
    assertThat(delete("a")).containsExactly(Optional.empty());
    assertThat(commit("c", 1, 1)).containsExactly(stored(1, 1));
  }

  @Test
  void deletedCursor_mayBeginAgainAnywhere() {
    commit("n", 5, 5);
    assertThat(delete("n")).containsExactly(Optional.empty());
    assertThat(committed("n")).isEmpty();
    world.start();
    assertThat(committed("n")).isEmpty();
    assertThat(delete("n").get(0).orElseThrow().code()).isEqualTo(ErrorCode.CURSOR_NOT_FOUND);
    assertThat(commit("n", 1, 1)).containsExactly(stored(1, 1));
  }

  @Test
  void deletedTopic_takesItsCursorsAlongAndCommitsBehindIt() {
    commit("n", 5, 5);
    world.log.hold();
    List<Outcome> before = commit("n", 6, 6);
    world.system.append(new SystemEvent.TopicDeleted(T.logId()), failed -> {});
    List<Outcome> behind = commit("m", 7, 7);
    world.log.release();
    assertThat(before).containsExactly(stored(6, 6));
    assertThat(refused(behind)).isEqualTo(ErrorCode.TOPIC_NOT_FOUND);
    assertThat(refused(commit("n", 8, 8))).isEqualTo(ErrorCode.TOPIC_NOT_FOUND);
    world.start();
    assertThat(committed("n")).isEmpty();
    TopicInfo successor = SystemLogFixture.topic("t", 4711);
    world.system.topics().store(successor);
    assertThat(world.system.cursors().page(successor, "", 10)).isEmpty();
  }

  @Test
  void failedCommit_isToldAndTheOnesBehindItAreTried() {
    commit("n", 1, 1);
    world.log.hold();
    List<Outcome> failed = commit("n", 2, 2);
    List<Outcome> behind = commit("n", 3, 3);
    world.log.end(FakeLog.End.NOT_STORED);
    world.log.releaseOne();
    world.log.end(FakeLog.End.COMMIT);
    world.log.release();
    assertThat(refused(failed)).isEqualTo(ErrorCode.STORE_FAILED);
    assertThat(behind).containsExactly(stored(3, 3));
  }

  @Test
  void commitsThatNobodyStores_areRefusedInTheEnd() {
    world.limits = world.limits.with(Limit.SYSTEM_QUEUE_EVENTS, 16);
    world.start();
    world.log.hold();
    List<List<Outcome>> answers = new ArrayList<>();
    for (int i = 0; i < 17; i++) {
      answers.add(commit("n", i, i));
    }
    assertThat(refused(answers.get(16))).isEqualTo(ErrorCode.OVERLOADED);
    world.log.release();
    assertThat(answers.get(15)).containsExactly(stored(15, 15));
    assertThat(commit("n", 20, 20)).as("there is room again").containsExactly(stored(20, 20));
  }

  @Test
  void commitsThatWait_areCharged_untilTheyAreAnswered() {
    commit("known", 1, 1);
    long one = world.budget.used();
    world.log.hold();
    for (int i = 0; i < 100; i++) {
      commit("n" + (1_000 + i), 1, 1); // as long as the other
    }
    long names = world.budget.used() - one;
    assertThat(names).as("their cursors, and the same in their events").isGreaterThan(200 * one);
    for (int i = 0; i < 100; i++) {
      commit("known", 2, 2 + i);
    }
    long joined = world.budget.used() - one - names;
    assertThat(joined)
        .as("one under way, one that waits, and the answers")
        .isBetween(5_000L, 40_000L);
    world.log.release();
    assertThat(world.budget.used()).isEqualTo(101 * one);
  }

  @Test
  void deletesThatWait_areCharged_untilTheyAreAnswered() {
    for (int i = 0; i < 100; i++) {
      commit("n" + (1_000 + i), 1, 1);
    }
    long stored = world.budget.used();
    world.log.hold();
    List<List<Optional<Fault>>> answers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      answers.add(delete("n" + (1_000 + i)));
    }
    assertThat(world.budget.used() - stored)
        .as("their events, and who is told")
        .isBetween(20_000L, 60_000L);
    world.log.release();
    assertThat(answers).allMatch(answer -> answer.equals(List.of(Optional.empty())));
    assertThat(world.budget.used()).isZero();
  }

  @Test
  void deletesThatFailOrAreRefused_giveBackWhatTheyWereCharged() {
    world.limits = world.limits.with(Limit.SYSTEM_QUEUE_EVENTS, 16);
    world.start();
    commit("n", 1, 1);
    long stored = world.budget.used();
    world.log.hold();
    List<List<Optional<Fault>>> answers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      answers.add(delete("n"));
    }
    assertThat(answers.get(19).get(0).orElseThrow().code()).isEqualTo(ErrorCode.OVERLOADED);
    world.log.end(FakeLog.End.NOT_STORED);
    world.log.release();
    assertThat(answers.get(0).get(0).orElseThrow().code()).isEqualTo(ErrorCode.STORE_FAILED);
    assertThat(world.budget.used()).isEqualTo(stored);
  }

  @Test
  void commitsThatFail_giveBackWhatTheyWereCharged() {
    world.log.hold();
    List<Outcome> failed = commit("n", 1, 1);
    List<Outcome> behind = commit("n", 2, 2);
    world.log.end(FakeLog.End.NOT_STORED);
    world.log.release();
    assertThat(refused(failed)).isEqualTo(ErrorCode.STORE_FAILED);
    assertThat(refused(behind)).isEqualTo(ErrorCode.STORE_FAILED);
    assertThat(world.budget.used()).isZero();
  }

  @Test
  void newNamesThatWait_areRefusedBeyondTheBudget() {
    world.budgetBytes = 10_000;
    world.start();
    world.log.hold();
    List<List<Outcome>> answers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      answers.add(commit("n" + i, 1, 1));
    }
    assertThat(answers).filteredOn(List::isEmpty).hasSizeBetween(5, 12);
    assertThat(refused(answers.get(99))).isEqualTo(ErrorCode.LIMIT_REACHED);
    assertThat(world.budget.used()).isLessThan(12_000);
  }

  @Test
  void cursorsBeyondTheBudget_areRefused_andItGetsBackWhatIsDeleted() {
    world.budgetBytes = 1_000;
    world.start();
    assertThat(commit("a", 1, 1)).containsExactly(stored(1, 1));
    long one = world.budget.used();
    assertThat(one).isBetween(300L, 500L);
    assertThat(commit("b", 1, 1)).containsExactly(stored(1, 1));
    assertThat(refused(commit("c", 1, 1))).isEqualTo(ErrorCode.LIMIT_REACHED);
    assertThat(commit("a", 2, 2)).as("one that is there").containsExactly(stored(2, 2));
    assertThat(world.budget.used()).isEqualTo(2 * one);
    assertThat(delete("b")).containsExactly(Optional.empty());
    assertThat(world.budget.used()).isEqualTo(one);
    world.start();
    assertThat(world.budget.used()).as("after a start").isEqualTo(one);
    world.system.topics().delete(T);
    assertThat(world.budget.used()).isZero();
  }
}
