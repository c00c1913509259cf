package dev.weir.service.core.fair;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FairQueueTest {
  private final FairQueue<String> queue = new FairQueue<>(100, 50, 1);

  private List<String> drained() {
    List<String> items = new ArrayList<>();
    for (String item = queue.poll(); item != null; item = queue.poll()) {
      items.add(item);
    }
    return items;
  }

  @Test
  void keyWithMuch_delaysAnotherOneByOneItemOnly() {
    for (int i = 0; i < 5; i++) {
      queue.offer("a", "a" + i);
    }
    queue.offer("b", "b0");
    queue.offer("c", "c0");
    queue.offer("c", "c1");
    assertThat(drained()).containsExactly("a0", "b0", "c0", "a1", "c1", "a2", "a3", "a4");
    assertThat(queue.size()).isZero();
  }

  @Test
  void keyThatCostMuch_isNextWhenTheOthersCostAsMuch() {
    for (int i = 0; i < 3; i++) {
      queue.offer("a", "a" + i);
      queue.offer("b", "b" + i);
    }
    assertThat(queue.poll()).isEqualTo("a0");
    queue.done("a", 1);
    assertThat(drained()).containsExactly("b0", "b1", "a1", "b2", "a2");
  }

  @Test
  void oneKey_cannotFillItAlone() {
    for (int i = 0; i < 50; i++) {
      assertThat(queue.offer("a", "a")).isTrue();
    }
    assertThat(queue.offer("a", "one more")).isFalse();
    for (int i = 0; i < 50; i++) {
      assertThat(queue.offer("other " + i, "b")).isTrue();
    }
    assertThat(queue.offer("b", "beyond all")).isFalse();
    assertThat(queue.size()).isEqualTo(100);
    queue.add("a", "was in it before");
    assertThat(queue.size()).isEqualTo(101);
  }

  @Test
  void whatIsTakenOut_leavesNothingBehind() {
    queue.offer("a", "a0");
    queue.offer("b", "b0");
    queue.offer("b", "b1");
    assertThat(queue.remove("a", "a0")).isTrue();
    assertThat(queue.remove("a", "a0")).isFalse();
    assertThat(queue.remove("b", "b1")).isTrue();
    assertThat(queue.size()).isEqualTo(1);
    assertThat(drained()).containsExactly("b0");
  }
}
