package dev.weir.service.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class BoundedQueueTest {
  @Property(tries = 100)
  void queue_agreesWithAnArrayOfItsBound(@ForAll long seed) {
    var random = new Random(seed);
    int max = 1 + random.nextInt(600);
    var queue = new BoundedQueue<Integer>(max);
    var truth = new ArrayBlockingQueue<Integer>(max);
    for (int i = 0; i < 5_000; i++) {
      int phase = i / 700 % 2 == 0 ? 1 : 4; // it fills, then it is emptied
      if (random.nextInt(5) >= phase) {
        assertThat(queue.offer(i)).isEqualTo(truth.offer(i));
      } else if (random.nextInt(20) == 0) {
        Integer some = i - random.nextInt(20);
        assertThat(queue.remove(some)).isEqualTo(truth.remove(some));
      } else {
        assertThat(queue.peek()).isEqualTo(truth.peek());
        assertThat(queue.poll()).isEqualTo(truth.poll());
      }
      assertThat(queue.isEmpty()).isEqualTo(truth.isEmpty());
    }
  }
}
