package dev.weir.service.core.fair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.fair.LoopTaskQueue.Task;
import dev.weir.service.core.fair.LoopTaskQueue.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class LoopTaskQueueTest {
  private final AtomicLong cpuNanos = new AtomicLong();
  private final AtomicLong nanoTime = new AtomicLong();
  private final ConcurrentLinkedQueue<Runnable> coming = new ConcurrentLinkedQueue<>();
  private final Turn heavy = new Turn();
  private final Turn light = new Turn();
  private final List<String> ran = new ArrayList<>();
  private Turn reading;
  private final LoopTaskQueue tasks =
      new LoopTaskQueue(coming, () -> reading, cpuNanos::get, nanoTime::get);

  private Runnable task(String name, long costNanos) {
    return () -> {
      ran.add(name);
      cpuNanos.addAndGet(costNanos);
      nanoTime.addAndGet(costNanos);
    };
  }

  private boolean runOne() {
    Runnable next = tasks.poll();
    if (next == null) {
      return false;
    }
    next.run();
    return true;
  }

  private void runAll() {
    while (runOne()) {}
    tasks.pause();
  }

  @Test
  void shortTask_isNotBehindAllThatAnotherConnectionHasAsked() {
    tasks.begin();
    for (int i = 0; i < 1_000; i++) {
      tasks.offer(new Task(heavy, false, task("heavy", 1_000_000)));
    }
    runOne();
    runOne();
    for (int round = 0; round < 100; round++) {
      tasks.offer(new Task(light, false, task("light", 10_000)));
      ran.clear();
      runOne();
      assertThat(ran).as("round %d", round).containsExactly("light");
      runOne();
    }
  }

  @Test
  void heavyTasks_getTheirShareBesideManyLightOnes() {
    tasks.begin();
    for (int i = 0; i < 10_000; i++) {
      tasks.offer(new Task(light, false, task("light", 1_000)));
    }
    for (int i = 0; i < 10; i++) {
      tasks.offer(new Task(heavy, false, task("heavy", 100_000)));
    }
    for (int i = 0; i < 1_000; i++) {
      runOne();
    }
    assertThat(ran.stream().filter("heavy"::equals)).hasSizeGreaterThanOrEqualTo(10);
  }

  @Test
  void tasksOfNoConnection_getTheirPolls_whateverConnectionsCost() {
    tasks.begin();
    for (int i = 0; i < 1_000; i++) {
      tasks.offer(new Task(i % 2 == 0 ? heavy : light, false, task("connection", 1_000)));
    }
    for (int i = 0; i < 10; i++) {
      tasks.offer(task("other", 50_000_000));
    }
    for (int i = 0; i < 10 * LoopTaskQueue.POLLS_PER_OTHER; i++) {
      runOne();
    }
    assertThat(ran.stream().filter("other"::equals)).hasSize(10);
    assertThat(ran.stream().filter("connection"::equals)).hasSize(70);
    runAll();
    assertThat(ran)
        .as("where nothing else waits they are polled one after the other")
        .hasSize(1_010);
  }

  @Test
  void tasksOfTheLoopItself_comeFirst_andWhatTheyAddIsOfNoConnection() {
    tasks.begin();
    tasks.offer(new Task(light, false, task("connection", 0)));
    tasks.offer(task("other", 0));
    tasks.offer(
        new Task(
            null,
            false,
            () -> {
              ran.add("wake");
              tasks.offer(new Task(heavy, false, task("woken", 0)));
            }));
    runAll();
    assertThat(ran).hasSize(4).startsWith("wake").contains("woken");
  }

  @Test
  void whatATaskAdds_belongsToItsConnection_andSoDoesWhatIsAddedWhileItIsRead() {
    tasks.begin();
    reading = light;
    tasks.offer(task("read", 0));
    reading = null;
    tasks.offer(
        new Task(
            light,
            false,
            () -> {
              ran.add("answer");
              tasks.offer(task("flush", 0));
            }));
    for (int i = 0; i < 10; i++) {
      tasks.offer(new Task(heavy, false, task("heavy", 1_000_000)));
      tasks.offer(task("other", 1_000_000));
    }
    for (int i = 0; i < 5; i++) {
      runOne();
    }
    assertThat(ran).as("one of each other turn at most").contains("read", "answer", "flush");
    assertThat(ran.indexOf("answer")).isLessThan(ran.indexOf("flush"));
  }

  @Test
  void timeBetweenTasks_isNobodysCost() {
    tasks.begin();
    tasks.offer(new Task(light, false, task("light", 1_000)));
    runAll();
    cpuNanos.addAndGet(1_000_000_000); // the loop reads
    tasks.offer(new Task(heavy, false, task("heavy", 1_000_000)));
    tasks.offer(new Task(heavy, false, task("heavy", 1_000_000)));
    runOne();
    tasks.offer(new Task(light, false, task("light", 1_000)));
    ran.clear();
    runOne();
    assertThat(ran).containsExactly("light");
  }

  @Test
  void bulkTasks_leaveThreeFourthsOfTheTime_whereOthersWait() {
    tasks.begin();
    for (int i = 0; i < 1_000; i++) {
      tasks.offer(new Task(new Turn(), true, task("bulk", 100_000)));
      tasks.offer(new Task(new Turn(), false, task("light", 10_000)));
    }
    for (int i = 0; i < 300; i++) {
      runOne();
    }
    long bulk = ran.stream().filter("bulk"::equals).count() * 100_000;
    long light = ran.stream().filter("light"::equals).count() * 10_000;
    assertThat((double) bulk / (bulk + light)).isBetween(0.2, 0.3);
    runAll();
    assertThat(ran).hasSize(2_000);
  }

  @Test
  void bulkTasks_saveUpNoTime_whileNobodyElseWaits() {
    tasks.begin();
    for (int i = 0; i < 100; i++) {
      tasks.offer(new Task(light, false, task("light", 1_000_000)));
    }
    runAll();
    for (int i = 0; i < 100; i++) {
      tasks.offer(new Task(heavy, true, task("bulk", 1_000_000)));
    }
    runOne();
    for (int i = 0; i < 10; i++) {
      tasks.offer(new Task(light, false, task("light", 10_000)));
    }
    ran.clear();
    for (int i = 0; i < 10; i++) {
      runOne();
    }
    assertThat(ran).containsOnly("light");
  }

  @Test
  void connectionWithManyTasks_hasThemDoneAsBulk_inTheirOrder_untilTheyAreDone() {
    tasks.begin();
    Turn[] floods = new Turn[20];
    for (int f = 0; f < floods.length; f++) {
      floods[f] = new Turn();
      for (int i = 0; i < 2 * LoopTaskQueue.PROMPT_TASKS_MAX; i++) {
        tasks.offer(new Task(floods[f], false, task("flood " + f + " " + i, 100_000)));
      }
    }
    for (int round = 0; round < 500; round++) {
      if (round % 2 == 0) {
        tasks.offer(new Task(light, false, task("light", 200_000)));
      }
      runOne();
    }
    assertThat(ran.stream().filter("light"::equals).count())
        .as("of 250; a twentieth of the time were 12")
        .isGreaterThan(245);
    ran.clear();
    runAll();
    for (int f = 0; f < floods.length; f++) {
      String its = "flood " + f + " ";
      assertThat(ran.stream().filter(name -> name.startsWith(its)).map(name -> name.length()))
          .isSorted();
    }
    tasks.offer(new Task(heavy, true, task("bulk", 0)));
    tasks.offer(new Task(floods[0], false, task("prompt again", 0)));
    ran.clear();
    runOne();
    assertThat(ran).containsExactly("prompt again");
  }

  @Test
  void bulkTasks_oweNothingForTimeInWhichNobodyElseWaited() {
    tasks.begin();
    for (int i = 0; i < 100; i++) {
      tasks.offer(new Task(heavy, true, task("bulk", 1_000_000)));
    }
    for (int i = 0; i < 50; i++) {
      runOne();
    }
    for (int i = 0; i < 30; i++) {
      tasks.offer(new Task(i % 2 == 0 ? light : new Turn(), false, task("light", 1_000_000)));
    }
    ran.clear();
    for (int i = 0; i < 30; i++) {
      runOne();
    }
    assertThat(ran).contains("bulk");
  }

  @Test
  void connectionThatFellBehind_comesBack_howeverManyOthersThereAre() {
    tasks.begin();
    for (int i = 0; i < 500; i++) {
      tasks.offer(new Task(light, false, task("light", 10_000)));
    }
    for (int i = 0; i < 60; i++) {
      Turn other = new Turn();
      for (int t = 0; t < 60; t++) {
        tasks.offer(new Task(other, false, task("other", 10_000)));
      }
    }
    for (int i = 0; i < 2_000; i++) {
      runOne();
    }
    assertThat(ran.stream().filter("light"::equals)).hasSizeGreaterThan(450);
  }

  @Test
  void pauseInATaskBesideWhichNobodyWaits_costsItLittle() {
    tasks.begin();
    tasks.offer(new Task(light, false, () -> nanoTime.addAndGet(500_000_000))); // collects garbage
    runOne();
    for (int i = 0; i < 50; i++) {
      tasks.offer(new Task(heavy, false, task("heavy", 100_000)));
    }
    tasks.offer(new Task(light, false, task("light", 10_000)));
    for (int i = 0; i < 15; i++) {
      runOne();
    }
    assertThat(ran).contains("light");
  }

  @Test
  void whatABulkTaskAdds_isBulkToo() {
    tasks.begin();
    tasks.offer(
        new Task(
            heavy,
            true,
            () -> {
              tasks.offer(new Task(heavy, false, task("more", 0)));
              tasks.offer(task("flush", 0));
              for (int i = 0; i < 100; i++) {
                tasks.offer(new Task(new Turn(), false, task("light", 10_000)));
              }
              cpuNanos.addAndGet(100_000);
              nanoTime.addAndGet(100_000);
            }));
    for (int i = 0; i < 20; i++) {
      runOne();
    }
    assertThat(ran).containsOnly("light");
    runAll();
    assertThat(ran).hasSize(102).containsSubsequence("more", "flush");
  }

  @Test
  void polls_endAfterTheirTime_untilTheNextPause() {
    tasks.begin();
    for (int i = 0; i < 10; i++) {
      tasks.offer(new Task(heavy, false, task("heavy", 1_000_000)));
    }
    tasks.pollFor(2_500_000);
    while (runOne()) {}
    assertThat(ran).hasSize(3);
    assertThat(tasks.isEmpty()).isFalse();
    tasks.pause();
    runAll();
    assertThat(ran).hasSize(10);
  }

  @Test
  void taskOfAnotherThread_isOneOfTheRest_orOfTheConnectionItNames() {
    tasks.offer(task("early", 0));
    tasks.offer(new Task(light, false, task("light", 0)));
    assertThat(tasks).hasSize(2);
    assertThat(tasks.isEmpty()).isFalse();
    Runnable refused = task("refused", 0);
    tasks.offer(refused);
    assertThat(tasks.remove(refused)).isTrue();
    tasks.begin();
    runAll();
    assertThat(ran).containsExactlyInAnyOrder("early", "light");
    assertThat(tasks.isEmpty()).isTrue();
  }

  @Property(tries = 200)
  void everyTaskRunsOnce_thoseOfATurnInTheirOrder(@ForAll Random random) {
    Turn both = new Turn();
    Turn[] turns = {new Turn(), both, both, null};
    int[] added = new int[turns.length];
    int[] done = new int[turns.length];
    AtomicLong clock = new AtomicLong();
    var arriving = new ConcurrentLinkedQueue<Runnable>();
    LoopTaskQueue loop = new LoopTaskQueue(arriving, () -> null, clock::get, clock::get);
    loop.begin();
    for (int step = 0; step < 500; step++) {
      if (random.nextInt(3) > 0) {
        int turn = random.nextInt(10) > 0 ? 0 : random.nextInt(turns.length);
        int number = added[turn]++;
        long cost = random.nextInt(1_000_000);
        Runnable task =
            () -> {
              assertThat(done[turn]++).isEqualTo(number);
              clock.addAndGet(cost);
            };
        Runnable named = turns[turn] == null ? task : new Task(turns[turn], turn == 2, task);
        if (random.nextBoolean()) {
          arriving.add(named); // as another thread does
        } else {
          loop.pause(); // no task runs
          loop.offer(named);
        }
      } else {
        Runnable next = loop.poll();
        if (next != null) {
          next.run();
        }
      }
    }
    for (Runnable next = loop.poll(); next != null; next = loop.poll()) {
      next.run();
    }
    assertThat(done).isEqualTo(added);
    assertThat(loop.isEmpty()).isTrue();
  }
}
