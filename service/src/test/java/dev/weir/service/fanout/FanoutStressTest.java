package dev.weir.service.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.common.Loop;
import dev.weir.service.tail.PartitionTail;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A real writer and real loops: a wake-up that is lost leaves a subscriber behind for ever. */
@Timeout(30)
class FanoutStressTest {
  private static final int COMMITS = 20_000;

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
    private final PartitionTail tail;
    private final Loop loop;
    private volatile long at;

    Follower(Fanout fanout, PartitionTail tail, Loop loop) {
      this.fanout = fanout;
      this.tail = tail;
      this.loop = loop;
    }

    @Override
    public void run() {
      do {
        at = tail.head().offset();
        fanout.await(tail, loop, this);
      } while (tail.head().offset() > at);
    }
  }

  @Test
  void everyCommit_reachesEveryFollower() throws Exception {
    Fanout fanout = new Fanout();
    PartitionTail tail = FanoutTest.tail();
    List<ExecutorService> threads = new ArrayList<>();
    List<Follower> followers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      ExecutorService thread = Executors.newSingleThreadExecutor();
      threads.add(thread);
      for (int j = 0; j < 3; j++) {
        Follower follower = new Follower(fanout, tail, new ThreadLoop(thread));
        followers.add(follower);
        thread.execute(follower);
      }
    }
    ExecutorService writer = Executors.newSingleThreadExecutor();
    threads.add(writer);
    assertThat(writer.submit(() -> write(tail, followers)).get(25, TimeUnit.SECONDS))
        .isEqualTo(COMMITS);
    threads.forEach(ExecutorService::shutdown);
  }

  /** Commits, each time as soon as everybody has seen the commit before: none may be missed. */
  private static long write(PartitionTail tail, List<Follower> followers) {
    for (long head = 1; head <= COMMITS; head++) {
      FanoutTest.commit(tail);
      for (Follower follower : followers) {
        while (follower.at < head && !Thread.currentThread().isInterrupted()) {
          Thread.onSpinWait();
        }
      }
    }
    return tail.head().offset();
  }
}
