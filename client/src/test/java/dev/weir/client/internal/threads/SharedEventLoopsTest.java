package dev.weir.client.internal.threads;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import org.junit.jupiter.api.Test;

class SharedEventLoopsTest {
  private final SharedEventLoops loops = new SharedEventLoops(Thread::new, () -> 2);

  @Test
  void manyClients_takeTheLoopsInTurn() {
    EventLoop first = loops.enter();
    EventLoop second = loops.enter();

    assertThat(second).isNotSameAs(first);
    assertThat(loops.enter()).isSameAs(first);
    assertThat(loops.enter()).isSameAs(second);

    for (int i = 0; i < 4; i++) {
      loops.leave();
    }
  }

  @Test
  void loops_liveUntilTheLastClientLeaves_andBeginAnewWithTheNext() throws Exception {
    EventLoop first = loops.enter();
    EventLoop second = loops.enter();

    loops.leave();
    assertThat(first.submit(() -> "lives").get(10, SECONDS)).isEqualTo("lives");
    assertThat(second.isShuttingDown()).isFalse();
    loops.leave();
    assertThat(first.awaitTermination(10, SECONDS)).isTrue();
    assertThat(second.awaitTermination(10, SECONDS)).isTrue();

    EventLoop next = loops.enter();
    assertThat(next.submit(() -> "lives").get(10, SECONDS)).isEqualTo("lives");
    loops.leave();
    assertThat(next.awaitTermination(10, SECONDS)).isTrue();
  }
}
