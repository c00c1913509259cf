package dev.weir.service.core.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.sequence.SequenceCheck.Duplicate;
import dev.weir.service.core.sequence.SequenceCheck.Fenced;
import dev.weir.service.core.sequence.SequenceCheck.New;
import dev.weir.service.core.sequence.SequenceCheck.OutOfSequence;
import org.junit.jupiter.api.Test;

/** Rules 1 and 3 of PublishService, by example. */
class SequenceCheckTest {
  private static final ProducerEntry AT_SEVEN = new ProducerEntry(3, 7, 0);

  @Test
  void unknownProducer_beginsAtOne() {
    assertThat(SequenceCheck.of(null, 1, 1)).isEqualTo(new New());
    assertThat(SequenceCheck.of(null, 9, 2)).isEqualTo(new OutOfSequence(1));
  }

  @Test
  void lastPlusOne_isNew() {
    assertThat(SequenceCheck.of(AT_SEVEN, 3, 8)).isEqualTo(new New());
  }

  @Test
  void lastAndBefore_areDuplicates() {
    assertThat(SequenceCheck.of(AT_SEVEN, 3, 7)).isEqualTo(new Duplicate());
    assertThat(SequenceCheck.of(AT_SEVEN, 3, 1)).isEqualTo(new Duplicate());
  }

  @Test
  void beyond_namesTheSequenceExpected() {
    assertThat(SequenceCheck.of(AT_SEVEN, 3, 9)).isEqualTo(new OutOfSequence(8));
    assertThat(SequenceCheck.of(AT_SEVEN, 3, Long.MAX_VALUE)).isEqualTo(new OutOfSequence(8));
  }

  @Test
  void lowerEpoch_isFencedWhateverItsSequence() {
    assertThat(SequenceCheck.of(AT_SEVEN, 2, 8)).isEqualTo(new Fenced(3));
    assertThat(SequenceCheck.of(AT_SEVEN, 2, 1)).isEqualTo(new Fenced(3));
  }

  @Test
  void sequences_goOnAcrossEpochs() {
    assertThat(SequenceCheck.of(AT_SEVEN, 4, 8)).isEqualTo(new New());
    assertThat(SequenceCheck.of(AT_SEVEN, 4, 1)).isEqualTo(new Duplicate());
  }

  @Test
  void madeUpIds_areKnownByTheirForm() {
    assertThat(ProducerIds.madeUp(-1)).isEqualTo("~ffffffffffffffff");
    assertThat(ProducerIds.madeUp(10)).isEqualTo("~000000000000000a");
    assertThat(ProducerIds.isMadeUp(ProducerIds.madeUp(3))).isTrue();
    assertThat(ProducerIds.isMadeUp("boiler")).isFalse();
    assertThat(ProducerIds.isMadeUp("")).isFalse();
  }
}
