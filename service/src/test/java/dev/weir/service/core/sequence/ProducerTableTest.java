package dev.weir.service.core.sequence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.service.core.sequence.SequenceCheck.Duplicate;
import dev.weir.service.core.sequence.SequenceCheck.Fenced;
import dev.weir.service.core.sequence.SequenceCheck.New;
import dev.weir.service.core.sequence.SequenceCheck.OutOfSequence;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** The fold of producers: provisional rounds and forgetting (rules 1 and 3 of PublishService). */
class ProducerTableTest {
  private static final long IDLE_MAX = 100;
  private final ProducerTable producers = new ProducerTable(3, IDLE_MAX);

  @Test
  void acceptedInThisRound_countsForChecksButIsNotCommitted() {
    producers.accept("p", 1, 1, 0);
    assertThat(producers.check("p", 1, 2)).isEqualTo(new New());
    assertThat(producers.check("p", 1, 1)).isEqualTo(new Duplicate());
    assertThat(producers.committedLast("p")).isZero();
    producers.commit();
    assertThat(producers.committedLast("p")).isEqualTo(1);
  }

  @Test
  void rolledBackRound_leavesNothing() {
    producers.accept("p", 1, 1, 0);
    producers.commit();
    producers.accept("p", 1, 2, 1);
    producers.raise("p", 5, 2, 1);
    producers.accept("q", 1, 1, 1);
    producers.rollback();
    assertThat(producers.epoch("p")).isEqualTo(1);
    assertThat(producers.check("p", 1, 2)).isEqualTo(new New());
    assertThat(producers.check("p", 1, 3)).isEqualTo(new OutOfSequence(2));
    assertThat(producers.check("q", 1, 2)).isEqualTo(new OutOfSequence(1));
    assertThat(producers.size()).isEqualTo(1);
  }

  @Test
  void raisedEpoch_fencesAtOnceAndKeepsTheSequence() {
    producers.accept("p", 1, 1, 0);
    producers.raise("p", 2, producers.last("p"), 0);
    assertThat(producers.check("p", 1, 2)).isEqualTo(new Fenced(2));
    assertThat(producers.check("p", 2, 2)).isEqualTo(new New());
    producers.commit();
    assertThat(producers.epoch("p")).isEqualTo(2);
    assertThat(producers.committedLast("p")).isEqualTo(1);
  }

  @Test
  void renewedEpoch_keepsAProducerFromBeingIdle() {
    store("p", 7, 0);
    store("other", 1, IDLE_MAX);
    producers.raise("p", producers.epoch("p"), producers.last("p"), IDLE_MAX);
    producers.commit();
    store("other", 2, 2 * IDLE_MAX);
    assertThat(producers.committedLast("p")).isEqualTo(7);
  }

  @Test
  void idleForLongerThanTheBound_isForgotten() {
    store("p", 1, 0);
    store("other", 1, IDLE_MAX);
    assertThat(producers.committedLast("p")).isEqualTo(1);
    store("other", 2, IDLE_MAX + 1);
    assertThat(producers.committedLast("p")).isZero();
    assertThat(producers.epoch("p")).isZero();
    assertThat(producers.check("p", 1, 2)).isEqualTo(new OutOfSequence(1));
    assertThat(producers.size()).isEqualTo(1);
  }

  @Test
  void idleButOpen_isRememberedUntilItsLastSessionCloses() {
    store("p", 1, 0);
    producers.opened("p");
    producers.opened("p");
    store("other", 1, 10 * IDLE_MAX);
    assertThat(producers.check("p", 1, 2)).isEqualTo(new New());
    producers.closed("p");
    assertThat(producers.committedLast("p")).isEqualTo(1);
    producers.closed("p");
    assertThat(producers.committedLast("p")).isZero();
  }

  @Test
  void forgottenProducerThatOpensAgain_staysForgotten() {
    store("open", 1, 0);
    producers.opened("open");
    store("p", 1, 0);
    store("other", 1, 10 * IDLE_MAX);
    producers.opened("p");
    assertThat(producers.committedLast("p")).isZero();
    assertThat(producers.committedLast("open")).isEqualTo(1);
  }

  @Test
  void tooManyProducers_madeUpOnesAreForgottenFirst() {
    store("named-1", 1, 1);
    store("~a", 1, 2);
    store("~b", 1, 3);
    store("~a", 2, 4);
    store("named-2", 1, 5);
    assertThat(producers.committedLast("~b")).isZero();
    store("named-3", 1, 6);
    assertThat(producers.committedLast("~a")).isZero();
    store("named-4", 1, 7);
    assertThat(producers.committedLast("named-1")).isZero();
    assertThat(producers.committedLast("named-2")).isEqualTo(1);
    assertThat(producers.size()).isEqualTo(3);
  }

  @Test
  void tooManyProducers_openOnesStay() {
    for (int i = 0; i < 3; i++) {
      store("open-" + i, 1, i);
      producers.opened("open-" + i);
    }
    store("p", 1, 3);
    assertThat(producers.size()).isEqualTo(3);
    assertThat(producers.committedLast("p")).isZero();
    assertThat(producers.committedLast("open-0")).isEqualTo(1);
  }

  /** Walks past those that are open for each new producer would take half a minute. */
  @Test
  void manyOpenOnesThatAreOldest_costNewOnesNothing_andStay() {
    int max = 100_000;
    int openOnes = 90_000;
    for (boolean idle : new boolean[] {false, true}) {
      var many = new ProducerTable(max, IDLE_MAX);
      for (int i = 0; i < openOnes; i++) {
        many.opened("open-" + i);
        store(many, "open-" + i, 0);
      }
      long now = idle ? 2 * IDLE_MAX : 1;
      Assertions.assertTimeout(
          Duration.ofSeconds(5),
          () -> {
            for (int i = 0; i < 20_000; i++) {
              store(many, "new-" + i, now);
            }
          });
      assertThat(many.size()).isEqualTo(max);
      List<String> left = new ArrayList<>();
      many.forEach((id, entry) -> left.add(id));
      assertThat(left.subList(0, openOnes)).allMatch(id -> id.startsWith("open-"));
      assertThat(left.get(openOnes)).isEqualTo("new-10000");
      assertThat(left.get(max - 1)).isEqualTo("new-19999");
      many.closed("open-1");
      many.closed("open-0");
      store(many, "late", now);
      assertThat(many.committedLast("open-0")).as("the oldest").isZero();
      assertThat(many.committedLast("open-1")).isEqualTo(idle ? 0 : 1);
    }
  }

  @Test
  void durableForm_isGolden() {
    store("p", 7, 0x0102);
    producers.raise("~x", 3, 0, 0x0103);
    producers.commit();
    assertThat(HexFormat.of().formatHex(producers.toBytes()))
        .isEqualTo(
            "02"
                + "0000000000000103"
                + "0000000000000000"
                + "8000000000000000"
                + "0000000000000000"
                + "00000002"
                + "0001"
                + "70"
                + "0000000000000001"
                + "0000000000000007"
                + "0000000000000102"
                + "0002"
                + "7e78"
                + "0000000000000003"
                + "0000000000000000"
                + "0000000000000103");
  }

  @Test
  void formOfTheFirstVersion_isRead() throws IOException {
    byte[] first =
        HexFormat.of()
            .parseHex(
                "01"
                    + "0000000000000103"
                    + "00000001"
                    + "000170"
                    + "0000000000000001"
                    + "0000000000000007"
                    + "0000000000000102");
    producers.restore(first);
    assertThat(producers.committedLast("p")).isEqualTo(7);
    producers.record(1, Long.MAX_VALUE / 2);
    store("q", 1, Long.MAX_VALUE / 2);
    assertThat(producers.committedLast("p")).as("a clock that jumped").isEqualTo(7);
  }

  @Test
  void clockThatJumpsBetweenClaims_makesNobodyIdle_andTimeInThemStillDoes() throws IOException {
    for (long jump : new long[] {IDLE_MAX + 1, 1L << 58, -IDLE_MAX, -(1L << 58)}) {
      var fold = new ProducerTable(3, IDLE_MAX);
      long now = 0;
      fold.record(1, now);
      fold.accept("p", 1, 1, now);
      fold.commit();
      now = Math.max(now, now + jump); // an append time never goes back
      fold.record(2, now);
      fold.accept("q", 1, 1, now);
      fold.commit();
      assertThat(fold.committedLast("p")).as("a jump of %s", jump).isEqualTo(1);
      var restored = new ProducerTable(3, IDLE_MAX);
      restored.restore(fold.toBytes());
      now += IDLE_MAX;
      restored.record(2, now);
      restored.accept("q", 1, 2, now);
      restored.commit();
      assertThat(restored.committedLast("p")).as("not before its time").isEqualTo(1);
      restored.record(2, now + 1);
      restored.accept("q", 1, 3, now + 1);
      restored.commit();
      assertThat(restored.committedLast("p")).as("and not for ever").isZero();
    }
  }

  @Test
  void restored_decidesLikeTheOriginal() throws IOException {
    store("p", 3, 5);
    store("q", 1, 6);
    producers.accept("p", 1, 4, 7);
    var restored = new ProducerTable(3, IDLE_MAX);
    restored.restore(producers.toBytes());
    assertThat(restored.check("p", 1, 4)).as("this round is not in it").isEqualTo(new New());
    assertThat(restored.check("q", 1, 1)).isEqualTo(new Duplicate());
    producers.rollback();
    assertThat(restored.toBytes()).isEqualTo(producers.toBytes());
  }

  @Test
  void epochRaisedWhileOpen_tellsAReplayWhatItHadForgotten() {
    store("p", 7, 0);
    producers.opened("p");
    store("other", 1, 10 * IDLE_MAX);
    long last = producers.last("p");
    var replay = new ProducerTable(3, IDLE_MAX);
    replay.accept("p", 1, 7, 0);
    replay.commit();
    replay.accept("other", 1, 1, 10 * IDLE_MAX);
    replay.commit();
    assertThat(replay.committedLast("p")).isZero();
    replay.raise("p", 2, last, 10 * IDLE_MAX);
    replay.commit();
    assertThat(replay.committedLast("p")).isEqualTo(7);
    assertThat(replay.epoch("p")).isEqualTo(2);
  }

  @Test
  void formThatIsDamaged_isRefused() {
    store("p", 1, 0);
    byte[] bytes = producers.toBytes();
    byte[] newer = bytes.clone();
    newer[0] = 3;
    assertThatThrownBy(() -> new ProducerTable(3, IDLE_MAX).restore(newer))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("version 3");
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> new ProducerTable(3, IDLE_MAX).restore(cut))
          .isInstanceOf(IOException.class);
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThatThrownBy(() -> new ProducerTable(3, IDLE_MAX).restore(longer))
        .isInstanceOf(IOException.class);
  }

  private static void store(ProducerTable producers, String id, long timeNanos) {
    producers.accept(id, 1, 1, timeNanos);
    producers.commit();
  }

  private void store(String id, long sequence, long timeNanos) {
    producers.accept(id, 1, sequence, timeNanos);
    producers.commit();
  }
}
