package dev.weir.service.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.common.Loop;
import dev.weir.service.core.LazyValue;
import dev.weir.service.core.Slice;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.RecordType;
import dev.weir.service.partition.TestLoop;
import dev.weir.service.tail.CommitSource;
import dev.weir.service.tail.CommitWatcher;
import dev.weir.service.tail.PartitionTail;
import dev.weir.service.tail.TailBudget;
import dev.weir.service.tail.TailRecord;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FanoutTest {
  private final Fanout fanout = new Fanout();
  private final TestLoop loop = new TestLoop();
  private final TestLoop other = new TestLoop();
  private final PartitionTail tail = tail();
  private final List<Integer> woken = new ArrayList<>();

  static PartitionTail tail() {
    return new PartitionTail(
        new Position(1, 0, 0, 0), 16, new TailBudget(new Budget("tail_bytes", 1 << 20)));
  }

  static void commit(PartitionTail tail) {
    long offset = tail.head().offset();
    var record =
        new LogRecord(
            offset, 1, 0, RecordType.BATCH, "", 0, 0, offset, 1, 0, 0, Slice.EMPTY, Slice.EMPTY);
    tail.append(List.of(new TailRecord(record, Slice.EMPTY, new LazyValue<>(() -> new int[0]), 0)));
  }

  private static void runAll(TestLoop loop) {
    while (loop.runOne()) {
      assertThat(loop.inLoop()).isFalse();
    }
  }

  /** The loop of one connection. */
  private record ConnectionLoop(TestLoop all, List<Integer> posted, int number) implements Loop {
    @Override
    public boolean inLoop() {
      return all.inLoop();
    }

    @Override
    public void post(Runnable task) {
      posted.add(number);
      all.post(task);
    }

    @Override
    public Runnable schedule(long delayNanos, Runnable task) {
      return all.schedule(delayNanos, task);
    }

    @Override
    public Loop shared() {
      return all;
    }
  }

  @Test
  void connectionsOfALoop_costTheWriterOnePost_andAreWokenInTheirOwnTurns() {
    List<Integer> posted = new ArrayList<>();
    List<CommitWatcher> watchers = new ArrayList<>();
    CommitSource source = watchers::add;
    for (int i = 0; i < 100; i++) { // they come and go
      Loop its = new ConnectionLoop(loop, posted, i);
      Runnable subscriber = () -> woken.add(0);
      fanout.await(source, its, subscriber);
      fanout.forget(source, its, subscriber);
    }
    for (int i = 0; i < 3; i++) {
      int number = i;
      fanout.await(source, new ConnectionLoop(loop, posted, i), () -> woken.add(number));
    }
    assertThat(watchers).as("one for each loop and source").hasSize(1);

    long before = loop.posts();
    watchers.get(0).committed();
    assertThat(loop.posts() - before).isEqualTo(1);
    runAll(loop);
    assertThat(posted).containsExactly(0, 1, 2);
    assertThat(woken).containsExactly(0, 1, 2);
  }

  @Test
  void manySubscribers_costOnePostPerLoop() {
    for (int i = 0; i < 50; i++) {
      int number = i;
      fanout.await(tail, loop, () -> woken.add(number));
    }
    fanout.await(tail, other, () -> woken.add(99));
    commit(tail);
    commit(tail);
    commit(tail);
    assertThat(loop.posts()).isEqualTo(1);
    assertThat(other.posts()).isEqualTo(1);
    runAll(loop);
    assertThat(woken).hasSize(50);
    commit(tail);
    assertThat(loop.posts()).as("nobody waits here any more").isEqualTo(1);
    runAll(other);
    assertThat(woken).hasSize(51).last().isEqualTo(99);
  }

  @Test
  void wakeUp_isOnce() {
    fanout.await(tail, loop, () -> woken.add(1));
    commit(tail);
    runAll(loop);
    commit(tail);
    runAll(loop);
    assertThat(woken).containsExactly(1);
  }

  @Test
  void waitingTwice_isWokenOnce() {
    Runnable subscriber = () -> woken.add(1);
    fanout.await(tail, loop, subscriber);
    fanout.await(tail, loop, subscriber);
    commit(tail);
    runAll(loop);
    assertThat(woken).containsExactly(1);
  }

  @Test
  void forgottenSubscriber_isNotWoken() {
    Runnable subscriber = () -> woken.add(1);
    fanout.await(tail, loop, subscriber);
    fanout.await(tail, loop, () -> woken.add(2));
    fanout.forget(tail, loop, subscriber);
    commit(tail);
    runAll(loop);
    assertThat(woken).containsExactly(2);
  }

  @Test
  void otherPartition_wakesNobody() {
    PartitionTail another = tail();
    fanout.await(tail, loop, () -> woken.add(1));
    commit(another);
    assertThat(loop.posts()).isZero();
  }

  @Test
  void subscriberThatWaitsAgainWhenWoken_isWokenByTheNextCommitOnly() {
    fanout.await(tail, loop, this::again);
    commit(tail);
    runAll(loop);
    assertThat(woken).hasSize(1);
    commit(tail);
    runAll(loop);
    assertThat(woken).hasSize(2);
  }

  @Test
  void commitWhileSubscribersAreWoken_isNotLost() {
    Runnable second = () -> woken.add(2);
    fanout.await(
        tail,
        loop,
        () -> {
          woken.add(1);
          fanout.await(tail, loop, second);
          commit(tail); // the writer is another thread and comes when it likes
        });
    commit(tail);
    runAll(loop);
    assertThat(woken).containsExactly(1, 2);
  }

  private void again() {
    woken.add(1);
    fanout.await(tail, loop, this::again);
  }

  @Test
  void hundredsOfSubscribers_areWokenInSlices() {
    for (int i = 0; i < 300; i++) {
      int number = i;
      fanout.await(tail, loop, () -> woken.add(number));
    }
    commit(tail);
    loop.runOne();
    assertThat(woken).as("the loop is not held for long").hasSizeBetween(1, 100);
    runAll(loop);
    assertThat(woken).hasSize(300).isSorted();
  }

  @Test
  void sourceThatIsGone_isNotHeld() {
    var gone = new WeakReference<>(awaitedAndForgotten());
    for (int i = 0; i < 100 && gone.get() != null; i++) {
      System.gc();
    }
    assertThat(gone.get()).as("the tail of a deleted topic").isNull();
  }

  private PartitionTail awaitedAndForgotten() {
    PartitionTail source = tail();
    Runnable subscriber = () -> woken.add(1);
    fanout.await(source, loop, subscriber);
    fanout.forget(source, loop, subscriber);
    return source;
  }
}
