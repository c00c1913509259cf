package dev.weir.service.core.cursor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The complete position of one subscription, one {@link Position} per partition of a log.
 * Immutable. It is kept in its encoded form, so that the text of a neighbouring position costs one
 * copy: a row delivery needs one per reading. The format is durable: see docs/formats-cursor.md.
 */
public final class Cursor {
  /** Most partitions of a log. */
  public static final int PARTITIONS_MAX = 64;

  /** Longest text of a cursor, in characters. */
  public static final int TEXT_LENGTH_MAX = CursorCodec.TEXT_LENGTH_MAX;

  /** The encoding without its checksum. */
  private final byte[] body;

  /**
   * The offset in the body at which each partition's position begins; one more entry for the end.
   */
  private final int[] starts;

  private Cursor(byte[] body, int[] starts) {
    this.body = body;
    this.starts = starts;
  }

  /**
   * A cursor of a log.
   *
   * @param logId the topic's log id
   * @param positions one per partition, in order; 1 to {@link #PARTITIONS_MAX}
   */
  public static Cursor of(long logId, List<Position> positions) {
    int count = positions.size();
    if (count < 1 || count > PARTITIONS_MAX) {
      throw new IllegalArgumentException("partitions: " + count + " (expected 1 to 64)");
    }
    var starts = new int[count + 1];
    starts[0] = CursorCodec.HEAD_BYTES;
    for (int i = 0; i < count; i++) {
      starts[i + 1] = starts[i] + CursorCodec.sizeOf(positions.get(i));
    }
    var body = new byte[starts[count]];
    CursorCodec.putHead(body, logId, count);
    for (int i = 0; i < count; i++) {
      CursorCodec.put(body, starts[i], positions.get(i));
    }
    return new Cursor(body, starts);
  }

  /**
   * Reads a cursor's text. What {@link #text()} would not write is not a cursor.
   *
   * @return the cursor, or empty where the text is damaged or of another version
   */
  public static Optional<Cursor> parse(String text) {
    byte[] body = CursorCodec.body(text);
    int[] starts = body == null ? null : CursorCodec.startsOf(body);
    if (starts == null) {
      return Optional.empty();
    }
    var cursor = new Cursor(body, starts);
    // The decoder is lenient about padding and unused bits; a durable name has one spelling.
    return cursor.text().equals(text) ? Optional.of(cursor) : Optional.empty();
  }

  /**
   * In each partition the later position of two cursors of one log.
   *
   * @throws IllegalArgumentException if they are of different logs
   */
  public static Cursor later(Cursor a, Cursor b) {
    if (a.logId() != b.logId() || a.partitions() != b.partitions()) {
      throw new IllegalArgumentException(a + " and " + b + " are of different logs");
    }
    Cursor later = a;
    for (int p = 0; p < a.partitions(); p++) {
      Position other = b.position(p);
      if (other.compareTo(a.position(p)) > 0) {
        later = later.with(p, other);
      }
    }
    return later;
  }

  /** The log it belongs to. */
  public long logId() {
    return CursorCodec.logId(body);
  }

  /** Number of partitions. */
  public int partitions() {
    return starts.length - 1;
  }

  /** The position in one partition, from 0. */
  public Position position(int partition) {
    return CursorCodec.position(body, starts[partition]);
  }

  /** The positions of all partitions, in order. */
  public List<Position> positions() {
    var list = new ArrayList<Position>(partitions());
    for (int i = 0; i < partitions(); i++) {
      list.add(position(i));
    }
    return list;
  }

  /** This cursor with another position in one partition. */
  public Cursor with(int partition, Position position) {
    int shift = CursorCodec.sizeOf(position) - (starts[partition + 1] - starts[partition]);
    var moved = starts.clone();
    for (int i = partition + 1; i < moved.length; i++) {
      moved[i] += shift;
    }
    return new Cursor(spliced(partition, position, 0), moved);
  }

  /** The text that clients see. */
  public String text() {
    return CursorCodec.text(Arrays.copyOf(body, body.length + CursorCodec.SUM_BYTES));
  }

  /** The text of {@code with(partition, position)}, without making that cursor. */
  public String textWith(int partition, Position position) {
    return CursorCodec.text(spliced(partition, position, CursorCodec.SUM_BYTES));
  }

  private byte[] spliced(int partition, Position position, int extraBytes) {
    int from = starts[partition];
    int rest = starts[partition + 1];
    int next = from + CursorCodec.sizeOf(position);
    var bytes = new byte[next + body.length - rest + extraBytes];
    System.arraycopy(body, 0, bytes, 0, from);
    CursorCodec.put(bytes, from, position);
    System.arraycopy(body, rest, bytes, next, body.length - rest);
    return bytes;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Cursor that && Arrays.equals(body, that.body);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(body);
  }

  @Override
  public String toString() {
    return "Cursor[log " + Long.toHexString(logId()) + ", " + positions() + "]";
  }
}
