package dev.weir.service.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.Loop;
import dev.weir.service.tail.Tail;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real writers and real loops: a wake-up that is lost leaves a subscriber behind for ever. */
@Timeout(30)
class FanoutStressTest {
  private static final int COMMITS = 50_000;

  private record ThreadLoop(ExecutorService thread) implements Loop {
    @Override
    public boolean inLoop() {
      return false;
    }

    @Override
    public void post(Runnable task) {
      thread.execute(task);
    }

    @Override
    public Runnable schedule(long delayNanos, Runnable task) {
      throw new UnsupportedOperationException();
    }
  }

  /** Follows a tail to its end, as a feed does: wait, look again, go on. */
  private static final class Follower implements Runnable {
    private final Fanout fanout;
    private final Tail tail;
    private final Loop loop;
    private final CountDownLatch arrived = new CountDownLatch(1);
    private long at;
    private long wakes;

    Follower(Fanout fanout, Tail tail, Loop loop) {
      this.fanout = fanout;
      this.tail = tail;
      this.loop = loop;
    }

    @Override
    public void run() {
      wakes++;
      do {
        at = tail.head().offset();
        if (at == COMMITS) {
          arrived.countDown();
          return;
        }
        fanout.await(tail, loop, this);
      } while (tail.head().offset() > at && forget());
    }

    private boolean forget() {
      fanout.forget(tail, loop, this);
      return true;
    }
  }

  @Test
  void followersOfConcurrentWriters_allArrive() throws Exception {
    Fanout fanout = new Fanout();
    ExecutorService writers = Executors.newFixedThreadPool(2);
    List<ExecutorService> threads = new ArrayList<>();
    List<Tail> tails = List.of(FanoutTest.tail(), FanoutTest.tail());
    List<Follower> followers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      ExecutorService thread = Executors.newSingleThreadExecutor();
      threads.add(thread);
      Loop loop = new ThreadLoop(thread);
      for (int j = 0; j < 6; j++) {
        Follower follower = new Follower(fanout, tails.get(j % 2), loop);
        followers.add(follower);
        loop.post(follower);
      }
    }
    List<Future<?>> ends = new ArrayList<>();
    for (Tail tail : tails) {
      ends.add(writers.submit(() -> write(tail)));
    }
    for (Future<?> end : ends) {
      end.get(25, TimeUnit.SECONDS);
    }
    for (Follower follower : followers) {
      assertThat(follower.arrived.await(5, TimeUnit.SECONDS))
          .as("a follower stands at %s of %s", follower.at, COMMITS)
          .isTrue();
    }
    assertThat(followers).anyMatch(follower -> follower.wakes > 10);
    writers.shutdown();
    threads.forEach(ExecutorService::shutdown);
  }

  private static void write(Tail tail) {
    for (int i = 0; i < COMMITS; i++) {
      FanoutTest.commit(tail);
    }
  }
}
