package dev.weir.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReadingDigestTest {
  @Test
  void sameReadings_inWhateverOrderOfSensors_haveNoDifferences() {
    ReadingDigest one = tally("a", 1, 0.5, "b", 1, 0.25, "a", 2, Double.NaN);
    ReadingDigest other = tally("b", 1, 0.25, "a", 1, 0.5, "a", 2, Double.NaN);
    assertThat(one.differences("here", other, "there")).isEmpty();
    assertThat(one.readings()).isEqualTo(3);
  }

  @Test
  void missingRepeatedChangedOrSwappedReading_isADifference() {
    ReadingDigest whole = tally("a", 1, 0.5, "a", 2, 0.75, "b", 1, 0.25);
    assertThat(whole.differences("acked", tally("a", 1, 0.5, "b", 1, 0.25), "stored"))
        .containsExactly("a: 2 readings acked, 1 stored");
    assertThat(whole.differences("acked", tally("a", 1, 0.5, "a", 2, 0.75), "stored"))
        .containsExactly("b: 1 readings acked, 0 stored");
    assertThat(tally("a", 1, 0.5).differences("acked", tally("a", 1, 0.5, "a", 1, 0.5), "stored"))
        .containsExactly("a: 1 readings acked, 2 stored");
    for (ReadingDigest changed :
        new ReadingDigest[] {
          tally("a", 1, 0.5, "a", 3, 0.75, "b", 1, 0.25),
          tally("a", 1, 0.5, "a", 2, 0.5, "b", 1, 0.25),
          tally("a", 2, 0.75, "a", 1, 0.5, "b", 1, 0.25)
        }) {
      assertThat(whole.differences("acked", changed, "stored"))
          .containsExactly("a: not the same readings acked and stored");
    }
  }

  @Test
  void zeroAndMinusZero_differ() {
    assertThat(tally("a", 1, 0.0).differences("x", tally("a", 1, -0.0), "y")).hasSize(1);
  }

  @Test
  void lines_carryTheTallyToAnotherProcess() {
    ReadingDigest sent = tally("a/b c", 1, 0.5, "d", -7, -3.0);
    ReadingDigest received = new ReadingDigest();
    sent.lines().forEach(received::addLine);
    assertThat(sent.differences("sent", received, "received")).isEmpty();
    assertThat(received.readings()).isEqualTo(2);
  }

  private static ReadingDigest tally(Object... readings) {
    ReadingDigest tally = new ReadingDigest();
    for (int i = 0; i < readings.length; i += 3) {
      tally.add((String) readings[i], (Integer) readings[i + 1], (Double) readings[i + 2]);
    }
    return tally;
  }
}
