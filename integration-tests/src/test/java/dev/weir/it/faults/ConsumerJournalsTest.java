package dev.weir.it.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The judge of {@link DurableConsumerKillTest} must be able to find fault. */
class ConsumerJournalsTest {
  private static final int SENSORS = 2;
  private static final int ROUNDS = 5;

  /** The first run, killed after it committed the first two deliveries. */
  private static final List<String> FIRST =
      lines(round(0), "b A", round(1), "b B", "c B", round(2), "b C", round(3), "b D");

  /** It repeats what was not committed. */
  private static final List<String> SECOND =
      lines(round(2), round(3), "b E", "c E", round(4), "b F");

  private static String round(int number) {
    return "r 0 " + number + "\nr 1 " + number;
  }

  private static List<String> lines(String... texts) {
    return Stream.of(texts).flatMap(String::lines).toList();
  }

  private static ConsumerJournals judge(List<String> first, List<String> second) {
    ConsumerJournals handed = new ConsumerJournals(SENSORS);
    handed.onRun(first);
    handed.onRun(second);
    for (int sensor = 0; sensor < SENSORS; sensor++) {
      assertThat(handed.handed(sensor)).as("sensor %d, all", sensor).isEqualTo(ROUNDS);
    }
    return handed;
  }

  private static void requireFault(List<String> first, List<String> second) {
    assertThatThrownBy(() -> judge(first, second))
        .as("%s, then %s", first, second)
        .isInstanceOf(AssertionError.class);
  }

  private static List<String> without(List<String> journal, String... lines) {
    List<String> rest = new ArrayList<>(journal);
    assertThat(rest.removeAll(List.of(lines))).isTrue();
    return rest;
  }

  private static List<String> with(List<String> journal, int index, String... lines) {
    List<String> more = new ArrayList<>(journal);
    more.addAll(index, List.of(lines));
    return more;
  }

  @Test
  void soundRuns_areCounted() {
    ConsumerJournals handed = judge(FIRST, SECOND);
    assertThat(handed.repeated()).isEqualTo(4);
    assertThat(handed.uncommitted()).isEqualTo(4);
    assertThat(handed.commits()).isEqualTo(2);
  }

  @Test
  void readingsRemoved_areAFault() {
    for (int round = 0; round < 3; round++) {
      requireFault(without(FIRST, "r 0 " + round), SECOND);
      requireFault(without(FIRST, "r 0 " + round, "r 1 " + round), SECOND);
    }
    requireFault(FIRST, without(SECOND, "r 1 3"));
    requireFault(FIRST, without(SECOND, "r 0 4", "r 1 4"));
  }

  @Test
  void readingsMissingBetweenRuns_areAFault() {
    List<String> killed = FIRST.subList(0, FIRST.indexOf("r 0 2"));
    requireFault(killed, without(SECOND, "r 0 2", "r 1 2"));
  }

  @Test
  void readingsRepeatedInARun_areAFault() {
    for (int i = 0; i < FIRST.size(); i++) {
      if (FIRST.get(i).startsWith("r")) {
        requireFault(with(FIRST, i, FIRST.get(i)), SECOND);
      }
    }
    requireFault(FIRST, with(SECOND, SECOND.size(), "r 0 4"));
  }

  @Test
  void committedReadingsThatComeAgain_areAFault() {
    requireFault(FIRST, with(SECOND, 0, "r 0 1"));
    requireFault(FIRST, with(SECOND, 0, "r 0 1", "r 1 1"));
  }

  @Test
  void readingsSwapped_areAFault() {
    List<String> swapped = new ArrayList<>(FIRST);
    Collections.swap(swapped, FIRST.indexOf("r 1 1"), FIRST.indexOf("r 1 2"));
    requireFault(swapped, SECOND);
    List<String> crossed = new ArrayList<>(SECOND);
    Collections.swap(crossed, SECOND.indexOf("r 0 2"), SECOND.indexOf("r 0 3"));
    requireFault(FIRST, crossed);
  }

  @Test
  void linesOfAnotherKind_areAFault() {
    requireFault(with(FIRST, 3, "x"), SECOND);
  }
}
