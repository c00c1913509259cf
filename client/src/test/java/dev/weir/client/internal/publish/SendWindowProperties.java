package dev.weir.client.internal.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.v1.Window;
import java.util.ArrayDeque;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** The window of what a publisher may have sent. */
class SendWindowProperties {
  @Property(tries = 200)
  void sender_neverExceedsTheWindowExceptByALoneMessage(
      @ForAll @IntRange(min = 1, max = 20) int batches,
      @ForAll @LongRange(min = 1, max = 10_000) long bytes,
      @ForAll long seed) {
    Random random = new Random(seed);
    SendWindow window = new SendWindow();
    window.reset(Window.newBuilder().setBatches(batches).setBytes(bytes).build());
    ArrayDeque<Integer> out = new ArrayDeque<>();
    long outBytes = 0;
    for (int step = 0; step < 500; step++) {
      int size = 1 + random.nextInt(4_000);
      if (random.nextBoolean() && window.fits(size)) {
        window.sent(size);
        out.add(size);
        outBytes += size;
        assertThat(out.size()).isLessThanOrEqualTo(batches);
        assertThat(outBytes <= bytes || out.size() == 1).isTrue();
      } else if (!out.isEmpty()) {
        int settled = out.remove();
        window.settled(settled);
        outBytes -= settled;
      }
      assertThat(out.isEmpty() ? window.fits(size) : true).as("no dead end").isTrue();
    }
  }
}
