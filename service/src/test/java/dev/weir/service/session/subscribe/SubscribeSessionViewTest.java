package dev.weir.service.session.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.TestPeer;
import dev.weir.v1.Batch;
import dev.weir.v1.Format;
import dev.weir.v1.Mode;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sessions that ask for the same share a view, and get the very same bytes. */
class SubscribeSessionViewTest extends SubscribeSessionFixture {
  private static Subscription.Builder globs(String... globs) {
    Subscription.Builder asked = all(1);
    asked.getSelectorBuilder().setAll(false).addAllGlobs(List.of(globs));
    asked.getStartBuilder().setLatest(true);
    return asked;
  }

  /** A record that no subscriber of these tests gets as it is stored. */
  private void publishMixed(long value) {
    Batch.Builder batch = Batch.newBuilder();
    for (String sensor : List.of("a/1", "b/1", "c/1")) {
      batch.addAllRows(SampleBatches.rows(sensor, value, value + 1).getRowsList());
    }
    publish(batch.build());
    context.run();
  }

  /** The arrays of the last delivery behind its header. */
  private static List<byte[]> shared(TestPeer<SubscribeResponse> peer) {
    assertThat(peer.last().hasDelivery()).isTrue();
    assertThat(peer.parts).hasSizeGreaterThan(1);
    return peer.parts.subList(1, peer.parts.size());
  }

  private static void assertSame(List<byte[]> some, List<byte[]> others) {
    assertThat(some).hasSameSizeAs(others);
    for (int i = 0; i < some.size(); i++) {
      assertThat(some.get(i)).as("part %s", i).isSameAs(others.get(i));
    }
  }

  @Test
  void permutedGlobs_shareOneViewAndItsBytes() {
    TestPeer<SubscribeResponse> first = opened(globs("a/*", "b/**"));
    TestPeer<SubscribeResponse> second = opened(globs("b/**", "a/*", "b/**").setId(7));
    assertThat(context.views.size()).isEqualTo(1);
    for (int value = 0; value < 5; value++) {
      publishMixed(value);
      assertThat(first.last().getDelivery().getBatches(0))
          .isEqualTo(second.last().getDelivery().getBatches(0));
      assertSame(shared(first), shared(second));
    }
    assertThat(readings(first, 1)).isEqualTo(20).isEqualTo(readings(second, 7));
    first.close();
    assertThat(context.views.size()).as("the other has it").isEqualTo(1);
    assertReleased(second);
    assertThat(context.views.size()).isZero();
  }

  @Test
  void permutedGlobsInOneReducedMode_shareOneViewAndItsBytes() {
    TestPeer<SubscribeResponse> first = opened(onChange("a/*", "b/**"));
    TestPeer<SubscribeResponse> second = opened(onChange("b/**", "a/*").setId(7));
    assertThat(context.views.size()).isEqualTo(1);
    publishMixed(10);
    publishMixed(20);
    assertSame(shared(first), shared(second));
    assertThat(readings(first, 1)).isEqualTo(8).isEqualTo(readings(second, 7));
    TestPeer<SubscribeResponse> other = opened(onChange("a/*"));
    assertThat(context.views.size()).as("another selector").isEqualTo(2);
    publishMixed(30);
    assertThat(shared(other).get(1)).isNotSameAs(shared(first).get(1));
    opened(globs("a/*", "b/**"));
    assertThat(context.views.size()).as("another mode").isEqualTo(3);
  }

  private static Subscription.Builder onChange(String... globs) {
    return globs(globs).setMode(Mode.MODE_ON_CHANGE);
  }

  @Test
  void rows_areEncodedForEachAndShareAViewOnlyWhereItRemembers() {
    TestPeer<SubscribeResponse> first = opened(globs("a/*").setFormat(Format.FORMAT_ROWS));
    TestPeer<SubscribeResponse> second = opened(globs("a/*").setFormat(Format.FORMAT_ROWS));
    assertThat(context.views.size()).as("mode EVERY").isZero();
    publishMixed(1);
    assertThat(first.last().getDelivery()).isEqualTo(second.last().getDelivery());
    assertThat(shared(first).get(0)).isNotSameAs(shared(second).get(0));
    first.close();
    second.close();
    opened(onChange("a/*").setFormat(Format.FORMAT_ROWS));
    opened(onChange("a/*").setFormat(Format.FORMAT_ROWS));
    opened(onChange("a/*"));
    assertThat(context.views.size()).as("whatever the format").isEqualTo(1);
  }
}
