package dev.weir.service.wire.columns;

import dev.weir.service.core.Slice;
import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * Some rows of one stored batch, which are numbered from 0 across its runs. Immutable. Takes a bit
 * per row up to the last one that is in, and nothing where all are.
 */
public final class RowSet {
  private static final RowSet NONE = new RowSet(new long[0], 0);

  /** Null where all rows are in. */
  private final long[] words;

  private final int count;

  private RowSet(long[] words, int count) {
    this.words = words;
    this.count = count;
  }

  /** All rows of a batch that has so many. */
  public static RowSet all(int rows) {
    return new RowSet(null, rows);
  }

  /** No row. */
  public static RowSet none() {
    return NONE;
  }

  /**
   * The rows of a canonical batch, from one on, whose readings pass a test. Each of these is tested
   * once, in order.
   */
  public static RowSet of(Slice batch, int fromRow, ReadingPredicate test) {
    var reader = new ColumnsReader(batch);
    var marks = new Marks();
    int rows = 0;
    while (reader.nextRun()) {
      rows += reader.count();
      while (rows > fromRow && reader.nextReading()) {
        if (reader.row() >= fromRow && test.test(reader)) {
          marks.add(reader.row());
        }
      }
    }
    return marks.toSet(rows);
  }

  /**
   * The rows of a canonical batch, from one on, whose sensor ids match. Values are not decoded, and
   * an id that stands for a whole run is tested once.
   */
  public static RowSet matching(Slice batch, int fromRow, IntPredicate ids) {
    var reader = new ColumnsReader(batch);
    var marks = new Marks();
    int rows = 0;
    while (reader.nextRun()) {
      int first = rows;
      rows += reader.count();
      if (rows <= fromRow) {
        continue;
      }
      if (!reader.hasOneId()) {
        reader.forEachMatching(
            ids, Math.max(0, fromRow - first), index -> marks.add(first + index));
      } else if (ids.test(reader.firstId())) {
        marks.add(Math.max(first, fromRow), rows);
      }
    }
    return marks.toSet(rows);
  }

  /** Returns whether a row is in. */
  public boolean contains(int row) {
    if (words == null) {
      return row >= 0 && row < count;
    }
    return row >= 0 && row >> 6 < words.length && (words[row >> 6] >>> row & 1) != 0;
  }

  /** Returns how many rows are in. */
  public int count() {
    return count;
  }

  /** Returns how many rows from one on are in. */
  public int countFrom(int row) {
    return countBetween(row, Integer.MAX_VALUE);
  }

  /** Returns whether the batch has no row that is not in. */
  public boolean isAll() {
    return words == null;
  }

  /** Returns how many rows are in from one on and before another. */
  public int countBetween(int from, int end) {
    int first = Math.max(0, from);
    int last = words == null ? Math.min(end, count) : Math.min(end, 64 * words.length);
    if (first >= last) {
      return 0;
    }
    if (words == null) {
      return last - first;
    }
    int firstWord = first >> 6;
    int lastWord = last - 1 >> 6;
    int sum = -Long.bitCount(words[firstWord] & (1L << first) - 1);
    for (int i = firstWord; i < lastWord; i++) {
      sum += Long.bitCount(words[i]);
    }
    return sum + Long.bitCount(words[lastWord] & -1L >>> -last);
  }

  /** Rows being gathered in order. */
  private static final class Marks {
    private long[] words = new long[4];
    private int count;

    void add(int row) {
      reserve(row + 1);
      words[row >> 6] |= 1L << row;
      count++;
    }

    void add(int from, int end) {
      reserve(end);
      int lastWord = end - 1 >> 6;
      for (int i = from >> 6; i <= lastWord; i++) {
        long above = i == from >> 6 ? -1L << from : -1L;
        long below = i == lastWord ? -1L >>> -end : -1L;
        words[i] |= above & below;
      }
      count += end - from;
    }

    private void reserve(int rows) {
      if (rows > 64 * words.length) {
        words = Arrays.copyOf(words, Math.max(2 * words.length, (rows + 63) / 64));
      }
    }

    RowSet toSet(int rows) {
      if (count == 0) {
        return NONE;
      }
      return count == rows ? all(rows) : new RowSet(words, count);
    }
  }
}
