package dev.weir.service.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.ReadRoom;
import dev.weir.service.partition.Tasks;
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
class CatchUpTest {
  private static final Duration RETRY = Duration.ofMillis(5);

  private final ReadRoom room =
      new ReadRoom(
          new Budget("catchup_block_bytes", 1 << 20), new Budget("session_budget_bytes", 1 << 20));
  private final Tasks readers = new Tasks();
  private final Tasks recent = new Tasks();
  private final List<String> done = new ArrayList<>();
  private final CatchUp pool =
      new CatchUp(
          new CatchUp.Threads(readers, 2), new CatchUp.Threads(recent, 1), 2_000, RETRY, room);

  private void offer(CatchUp.Session session, CatchUp.Kind kind, String name, long bytes) {
    var refused =
        session.offer(
            kind,
            () -> {
              done.add(name);
              return bytes;
            });
    assertThat(refused).isEmpty();
  }

  private void stored(CatchUp.Session session, String name) {
    offer(session, CatchUp.Kind.STORED, name, 1 << 18);
  }

  @Test
  void sessionWithAThousandSubscriptions_delaysAnothersByOneTurn() {
    CatchUp.Session big = pool.session();
    CatchUp.Session small = pool.session();
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
    CatchUp.Session one = pool.sessionOf("10.0.0.1:2");
    done.clear();
    stored(one, "one");
    while (!done.contains("one")) {
      assertThat(readers.runOne()).isTrue();
    }
    assertThat(done.size()).isLessThanOrEqualTo(3);
  }

  @Test
  void connectionWithoutCalls_isForgotten() {
    CatchUp.Session first = pool.sessionOf("10.0.0.1:1");
    assertThat(pool.sessionOf("10.0.0.1:1")).isSameAs(first);
    first.leave();
    assertThat(pool.sessionOf("10.0.0.1:1")).isSameAs(first);
    first.leave();
    first.leave();
    assertThat(pool.sessionOf("10.0.0.1:1")).isNotSameAs(first);
  }

  @Test
  void readsOneAfterTheOther_payAsMuchAsReadsThatWait() {
    CatchUp.Session light = pool.session();
    for (int i = 0; i < 20; i++) {
      CatchUp.Session heavy = pool.sessionOf("10.0.0.1:1"); // a call for each read
      offer(heavy, CatchUp.Kind.STORED, "heavy", 1 << 20);
      heavy.leave();
      int before = done.size();
      while (!done.subList(before, done.size()).contains("heavy")) {
        offer(light, CatchUp.Kind.STORED, "light", 0);
        assertThat(readers.runOne()).isTrue();
      }
    }
    long heavy = done.stream().filter("heavy"::equals).count();
    assertThat(done.size() - heavy).as("light reads").isGreaterThan(8 * heavy);
  }

  @Test
  void recentRecords_haveAThreadOfTheirOwn_whileAllOthersRead() {
    CatchUp.Session lagging = pool.session();
    CatchUp.Session live = pool.session();
    for (int i = 0; i < 10; i++) {
      stored(lagging, "stored");
    }
    offer(live, CatchUp.Kind.RECENT, "recent", 0);
    assertThat(recent.runOne()).as("no reader has to end first").isTrue();
    assertThat(done).containsExactly("recent");
  }

  @Test
  void recentRecordsOfManySessions_haveEveryOtherTurnOfTheReaders_andNotAll() {
    CatchUp.Session session = pool.session();
    for (int i = 0; i < 6; i++) {
      stored(session, "stored");
      offer(session, CatchUp.Kind.RECENT, "recent", 0);
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
  void threadOfRecentRecords_neverReadsTheLog() {
    CatchUp.Session session = pool.session();
    offer(session, CatchUp.Kind.RECENT, "recent", 0);
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
    CatchUp tight =
        new CatchUp(
            new CatchUp.Threads(readers, 1), new CatchUp.Threads(recent, 1), 2, RETRY, room);
    CatchUp.Session session = tight.session();
    assertThat(session.offer(CatchUp.Kind.STORED, () -> 0)).isEmpty();
    assertThat(session.offer(CatchUp.Kind.STORED, () -> 0)).isEmpty();
    Fault full = session.offer(CatchUp.Kind.STORED, () -> 0).orElseThrow();
    assertThat(full.code()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(full.retryDelay()).contains(RETRY);
    assertThat(session.offer(CatchUp.Kind.RECENT, () -> 0)).isEmpty();
  }

  @Test
  void executorThatRefuses_leavesNothingQueued() {
    CatchUp.Session session = pool.session();
    readers.refuse(true);
    assertThat(session.offer(CatchUp.Kind.STORED, () -> 0)).isPresent();
    readers.refuse(false);
    stored(session, "next");
    while (readers.runOne()) {
      // until nothing waits
    }
    assertThat(done).containsExactly("next");
  }

  @Test
  void workThatThrows_leavesItsThreadToTheOthers() {
    CatchUp.Session session = pool.session();
    session.offer(
        CatchUp.Kind.STORED,
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
      CatchUp busy =
          new CatchUp(
              new CatchUp.Threads(threads, 2), new CatchUp.Threads(threads, 1), 100, RETRY, room);
      CatchUp.Session laggards = busy.session();
      CountDownLatch reading = new CountDownLatch(2);
      for (int i = 0; i < 20; i++) {
        laggards.offer(
            CatchUp.Kind.STORED,
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
                CatchUp.Kind.RECENT,
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
