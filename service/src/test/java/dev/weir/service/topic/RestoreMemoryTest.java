package dev.weir.service.topic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RestoreMemoryTest {
  private final RestoreMemory room = new RestoreMemory(100);

  @Test
  void thoseThatDoNotFitTogether_goOneAfterTheOther() throws Exception {
    room.enter(60);
    room.enter(40);
    Thread third = entering(1);
    room.leave(40);
    third.join(TimeUnit.SECONDS.toMillis(10));
    assertThat(third.isAlive()).isFalse();
  }

  @Test
  void oneThatIsLargerThanTheRoom_hasItAlone() throws Exception {
    room.enter(1_000);
    Thread second = entering(1);
    room.leave(1_000);
    second.join(TimeUnit.SECONDS.toMillis(10));
    assertThat(second.isAlive()).isFalse();
    Thread large = entering(1_000);
    room.leave(1);
    large.join(TimeUnit.SECONDS.toMillis(10));
    assertThat(large.isAlive()).isFalse();
  }

  private Thread entering(long bytes) {
    Thread thread = new Thread(() -> room.enter(bytes));
    thread.setDaemon(true);
    thread.start();
    while (thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    return thread;
  }
}
