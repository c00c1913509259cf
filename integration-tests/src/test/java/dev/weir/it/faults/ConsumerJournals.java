package dev.weir.it.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The readings that all runs of a {@link DurableConsumer} received, read from their journals. Owned
 * by its test.
 *
 * <p>A later run may begin anywhere between what was committed and what was handed over, because a
 * commit may have succeeded just before a kill that its acknowledgement did not survive.
 */
final class ConsumerJournals {
  private final int sensors;
  private final long[] handed;
  private final long[] committed;
  private long repeated;
  private long uncommitted;
  private long commits;

  /** Reads journals of sensors named 0, 1, 2 …, each with readings numbered 0, 1, 2 … */
  ConsumerJournals(int sensors) {
    this.sensors = sensors;
    this.handed = new long[sensors];
    this.committed = new long[sensors];
  }

  /**
   * One run after all before it: nothing is passed over, and nothing committed comes again. Of each
   * sensor {@code handed} is how many were handed over by now, {@code committed} how many before
   * the last acknowledged commit.
   */
  void onRun(List<String> journal) {
    long[] next = new long[sensors];
    Arrays.fill(next, -1);
    long[] position = committed.clone();
    long[] before = handed.clone();
    long[] committedBefore = committed.clone();
    Map<String, long[]> positions = new HashMap<>();
    for (String line : journal) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "r" -> {
          int sensor = Integer.parseInt(words[1]);
          long number = Long.parseLong(words[2]);
          if (next[sensor] < 0) {
            onFirst(sensor, number, before[sensor], committedBefore[sensor]);
          } else {
            assertThat(number).as("sensor %d goes on", sensor).isEqualTo(next[sensor]);
          }
          next[sensor] = number + 1;
          position[sensor] = number + 1;
          handed[sensor] = Math.max(handed[sensor], number + 1);
        }
        case "b" -> positions.put(words[1], position.clone());
        case "c" -> onCommitted(positions.get(words[1]));
        default -> throw new AssertionError(line);
      }
    }
  }

  private void onFirst(int sensor, long number, long handedBefore, long committedBefore) {
    assertThat(number)
        .as("sensor %d: nothing missing, nothing committed comes again", sensor)
        .isBetween(committedBefore, handedBefore);
    repeated += handedBefore - number;
    uncommitted += handedBefore - committedBefore;
  }

  /** A commit of a position of an earlier run, which the server reported again, moves nothing. */
  private void onCommitted(long[] position) {
    if (position != null) {
      commits++;
      for (int sensor = 0; sensor < sensors; sensor++) {
        committed[sensor] = Math.max(committed[sensor], position[sensor]);
      }
    }
  }

  /** Returns how many readings of a sensor were handed over at least once. */
  long handed(int sensor) {
    return handed[sensor];
  }

  long repeated() {
    return repeated;
  }

  long uncommitted() {
    return uncommitted;
  }

  long commits() {
    return commits;
  }
}
