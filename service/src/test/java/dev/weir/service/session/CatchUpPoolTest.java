package dev.weir.service.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.ManualExecutor;
import dev.weir.service.partition.ReadMemory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CatchUpPoolTest {
  private static final Duration RETRY = Duration.ofMillis(5);

  private final ReadMemory room =
      new ReadMemory(
          new Budget("catchup_block_bytes", 1 << 20), new Budget("session_budget_bytes", 1 << 20));
  private final ManualExecutor readers = new ManualExecutor();
  private final ManualExecutor recent = new ManualExecutor();
  private final List<String> done = new ArrayList<>();
  private final CatchUpPool pool =
      new CatchUpPool(
          new CatchUpPool.Threads(readers, 2),
          new CatchUpPool.Threads(recent, 1),
          2_000,
          RETRY,
          room);

  private void offer(
      CatchUpPool.SessionTurns session, CatchUpPool.Kind kind, String name, long bytes) {
    var refused =
        session.offer(
            kind,
            () -> {
              done.add(name);
              return bytes;
            });
    assertThat(refused).isEmpty();
  }

  private void stored(CatchUpPool.SessionTurns session, String name) {
    offer(session, CatchUpPool.Kind.STORED, name, 1 << 18);
  }

  @Test
  void sessionWithAThousandSubscriptions_delaysAnothersByOneTurn() {
    CatchUpPool.SessionTurns big = pool.session();
    CatchUpPool.SessionTurns small = pool.session();
    for (int i = 0; i < 1_000; i++) {
      stored(big, "big");
    }
    assertThat(readers.size()).as("as many as there are threads").isEqualTo(2);
    for (int turn = 0; turn < 100; turn++) {
      done.clear();
      stored(small, "small");
      while (!done.contains("small")) {
        assertThat(readers.runOne()).isTrue();
      }
      assertThat(done.size()).as("turn %d", turn).isLessThanOrEqualTo(3);
    }
  }

  @Test
  void manyCallsOfOneConnection_delayAnothersByOneTurn() {
    for (int i = 0; i < 1_000; i++) {
      stored(pool.sessionOf("10.0.0.1:1"), "many");
    }
    assertThat(readers.runOne()).isTrue(); // the first costs something
    CatchUpPool.SessionTurns one = pool.sessionOf("10.0.0.1:2");
    done.clear();
    stored(one, "one");
    while (!done.contains("one")) {
      assertThat(readers.runOne()).isTrue();
    }
    assertThat(done.size()).isLessThanOrEqualTo(3);
  }

  @Test
  void connectionWithoutCalls_isForgotten() {
    CatchUpPool.SessionTurns first = pool.sessionOf("10.0.0.1:1");
    assertThat(pool.sessionOf("10.0.0.1:1")).isSameAs(first);
    first.leave();
    assertThat(pool.sessionOf("10.0.0.1:1")).isSameAs(first);
    first.leave();
    first.leave();
    assertThat(pool.sessionOf("10.0.0.1:1")).isNotSameAs(first);
  }

  @Test
  void readsOneAfterTheOther_payAsMuchAsReadsThatWait() {
    CatchUpPool.SessionTurns light = pool.session();
    for (int i = 0; i < 20; i++) {
      CatchUpPool.SessionTurns heavy = pool.sessionOf("10.0.0.1:1"); // a call for each read
      offer(heavy, CatchUpPool.Kind.STORED, "heavy", 1 << 20);
      heavy.leave();
      int before = done.size();
      while (!done.subList(before, done.size()).contains("heavy")) {
        offer(light, CatchUpPool.Kind.STORED, "light", 0);
        assertThat(readers.runOne()).isTrue();
      }
    }
    long heavy = done.stream().filter("heavy"::equals).count();
    assertThat(done.size() - heavy).as("light reads").isGreaterThan(8 * heavy);
  }

  @Test
  void recentRecords_haveAThreadOfTheirOwn_whileAllOthersRead() {
    CatchUpPool.SessionTurns lagging = pool.session();
    CatchUpPool.SessionTurns live = pool.session();
    for (int i = 0; i < 10; i++) {
      stored(lagging, "stored");
    }
    offer(live, CatchUpPool.Kind.RECENT, "recent", 0);
    assertThat(recent.runOne()).as("no reader has to end first").isTrue();
    assertThat(done).containsExactly("recent");
  }

  @Test
  void recentRecordsOfManySessions_haveEveryOtherTurnOfTheReaders_andNotAll() {
    CatchUpPool.SessionTurns session = pool.session();
    for (int i = 0; i < 6; i++) {
      stored(session, "stored");
      offer(session, CatchUpPool.Kind.RECENT, "recent", 0);
    }
    for (int i = 0; i < 6; i++) {
      assertThat(readers.runOne()).isTrue();
    }
    assertThat(done).filteredOn("stored"::equals).hasSize(3);
    while (recent.runOne() || readers.runOne()) {
      // until nothing waits
    }
    assertThat(done).hasSize(12);
  }

  @Test
  void readsWaitWhileMuchThatWasFoundIsNotTaken_andThenGoOnByTheirTurns() {
    CatchUpPool.SessionTurns costly = pool.session();
    CatchUpPool.SessionTurns cheap = pool.session();
    stored(costly, "first");
    assertThat(readers.runOne()).isTrue();
    room.found((1 << 18) + 1);
    stored(costly, "costly");
    offer(costly, CatchUpPool.Kind.RECENT, "recent", 1);
    while (readers.runOne() || recent.runOne()) {}
    assertThat(done).containsExactly("first", "recent");

    stored(cheap, "cheap");
    assertThat(readers.runOne()).isFalse();
    room.taken(1);
    assertThat(readers.size()).as("as many as there are threads").isEqualTo(2);
    while (readers.runOne()) {}

    assertThat(done).containsExactly("first", "recent", "cheap", "costly");
  }

  @Test
  void threadThatComesWhenMuchWasFoundMeanwhile_readsNothing() {
    CatchUpPool.SessionTurns session = pool.session();
    stored(session, "read");
    room.found((1 << 18) + 1);
    assertThat(readers.runOne()).isTrue();
    assertThat(done).isEmpty();

    room.taken(1);
    while (readers.runOne()) {}
    assertThat(done).containsExactly("read");
  }

  @Test
  void threadOfRecentRecords_neverReadsTheLog() {
    CatchUpPool.SessionTurns session = pool.session();
    offer(session, CatchUpPool.Kind.RECENT, "recent", 0);
    for (int i = 0; i < 5; i++) {
      stored(session, "stored");
    }
    while (recent.runOne()) {
      // until it has nothing more
    }
    assertThat(done).containsExactly("recent");
  }

  @Test
  void fullQueue_refusesWithADelay_andOneKindDoesNotFillTheOther() {
    CatchUpPool tight =
        new CatchUpPool(
            new CatchUpPool.Threads(readers, 1),
            new CatchUpPool.Threads(recent, 1),
            2,
            RETRY,
            room);
    CatchUpPool.SessionTurns session = tight.session();
    assertThat(session.offer(CatchUpPool.Kind.STORED, () -> 0)).isEmpty();
    assertThat(session.offer(CatchUpPool.Kind.STORED, () -> 0)).isEmpty();
    Fault full = session.offer(CatchUpPool.Kind.STORED, () -> 0).orElseThrow();
    assertThat(full.code()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(full.retryDelay()).contains(RETRY);
    assertThat(session.offer(CatchUpPool.Kind.RECENT, () -> 0)).isEmpty();
  }

  @Test
  void executorThatRefuses_leavesNothingQueued() {
    CatchUpPool.SessionTurns session = pool.session();
    readers.refuse(true);
    assertThat(session.offer(CatchUpPool.Kind.STORED, () -> 0)).isPresent();
    readers.refuse(false);
    stored(session, "next");
    while (readers.runOne()) {
      // until nothing waits
    }
    assertThat(done).containsExactly("next");
  }

  @Test
  void workThatThrows_leavesItsThreadToTheOthers() {
    CatchUpPool.SessionTurns session = pool.session();
    session.offer(
        CatchUpPool.Kind.STORED,
        () -> {
          throw new IllegalStateException("a defect");
        });
    stored(session, "a");
    stored(session, "b");
    assertThatThrownBy(readers::runOne).hasMessage("a defect");
    while (readers.runOne()) {
      // until nothing waits
    }
    assertThat(done).containsExactly("a", "b");
  }

  @Test
  void liveSubscriber_isServedWhileLaggardsHoldEveryReader() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(3);
    CountDownLatch disk = new CountDownLatch(1);
    try {
      CatchUpPool busy =
          new CatchUpPool(
              new CatchUpPool.Threads(threads, 2),
              new CatchUpPool.Threads(threads, 1),
              100,
              RETRY,
              room);
      CatchUpPool.SessionTurns laggards = busy.session();
      CountDownLatch reading = new CountDownLatch(2);
      for (int i = 0; i < 20; i++) {
        laggards.offer(
            CatchUpPool.Kind.STORED,
            () -> {
              reading.countDown();
              try {
                disk.await();
              } catch (InterruptedException e) {
                return 0; // the test is over
              }
              return 1;
            });
      }
      assertThat(reading.await(10, TimeUnit.SECONDS)).isTrue();
      for (int i = 0; i < 50; i++) {
        CountDownLatch served = new CountDownLatch(1);
        busy.session()
            .offer(
                CatchUpPool.Kind.RECENT,
                () -> {
                  served.countDown();
                  return 0;
                });
        assertThat(served.await(10, TimeUnit.SECONDS)).isTrue();
      }
    } finally {
      disk.countDown();
      threads.shutdownNow();
    }
  }
}
