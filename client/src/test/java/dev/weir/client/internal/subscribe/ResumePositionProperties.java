package dev.weir.client.internal.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.v1.Start;
import dev.weir.v1.Subscription;
import dev.weir.v1.Until;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Resuming after breaks at random places against a log, read by the contract: a snapshot first if
 * it is asked for, values without cursors now and then, and an end by count.
 */
class ResumePositionProperties {
  private static final int LOG = 60;

  @Property(tries = 500)
  void breaksAnywhere_loseAndRepeatNothingOfTheLog(
      @ForAll boolean snapshot,
      @ForAll @IntRange(max = 40) int count,
      @ForAll @IntRange(min = 1, max = 40) int breakOneIn,
      @ForAll long seed) {
    Random random = new Random(seed);
    int start = 10;
    ResumePosition position =
        new ResumePosition(
            Subscription.newBuilder()
                .setSnapshot(snapshot)
                .setStart(Start.newBuilder().setLatest(true))
                .setUntil(Until.newBuilder().setCount(count))
                .build());
    List<Integer> got = new ArrayList<>();
    int wanted = count == 0 ? LOG - start : Math.min(count, LOG - start);
    boolean snapshotComplete = !snapshot;
    for (int session = 0; got.size() < wanted; session++) {
      assertThat(position.isUntilReached()).isFalse();
      Subscription asked = position.next();
      String after = asked.getStart().getAfterCursor();
      assertThat(asked.getSnapshot()).isEqualTo(!snapshotComplete);
      assertThat(asked.getSnapshot() && !after.isEmpty()).as("is refused").isFalse();
      assertThat(asked.getUntil().getCount()).isEqualTo(count == 0 ? 0 : count - got.size());
      boolean last = session == 200;
      int at = after.isEmpty() ? start : Integer.parseInt(after);
      position.moveTo(Integer.toString(at));
      if (asked.getSnapshot()) {
        boolean cut = !last && random.nextInt(breakOneIn) == 0;
        position.moveTo("");
        position.count(5, "");
        if (cut) {
          continue;
        }
        position.completeSnapshot();
        position.moveTo(Integer.toString(at));
        snapshotComplete = true;
      }
      while (got.size() < wanted && (last || random.nextInt(breakOneIn + 1) > 0)) {
        if (random.nextInt(10) == 0) {
          position.moveTo("");
          position.count(3, "");
        } else {
          got.add(at++);
          position.moveTo(Integer.toString(at));
          position.count(1, Integer.toString(at));
        }
      }
    }
    for (int i = 0; i < wanted; i++) {
      assertThat(got.get(i)).isEqualTo(start + i);
    }
    assertThat(position.isUntilReached()).isEqualTo(count > 0 && wanted == count);
  }
}
