package dev.weir.service.core.cursor;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The complete position of one subscription, one {@link Position} per partition of a log.
 * Immutable. It is kept in its encoded form, so that the text of a neighbouring position costs one
 * copy: a row delivery needs one per reading. The format is durable: see docs/formats-cursor.md.
 */
public final class Cursor {
  /** Most partitions of a log. */
  public static final int PARTITIONS_MAX = 64;

  /** Longest text of a cursor, in characters. */
  public static final int TEXT_LENGTH_MAX = 2_664;

  private static final byte VERSION = 1;
  private static final int HEAD_BYTES = 1 + Long.BYTES + 1;
  private static final int SUM_BYTES = Integer.BYTES;
  private static final int POSITION_BYTES_MIN = Long.BYTES + 3;
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

  /** The encoding without its checksum. */
  private final byte[] body;

  /** Where each partition's position begins in the body; one more entry for the end. */
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
    starts[0] = HEAD_BYTES;
    for (int i = 0; i < count; i++) {
      starts[i + 1] = starts[i] + PositionCodec.sizeOf(positions.get(i));
    }
    var body = new byte[starts[count]];
    body[0] = VERSION;
    PositionCodec.putFixed64(body, 1, logId);
    body[HEAD_BYTES - 1] = (byte) count;
    for (int i = 0; i < count; i++) {
      PositionCodec.put(body, starts[i], positions.get(i));
    }
    return new Cursor(body, starts);
  }

  /**
   * Reads a cursor's text. What {@link #text()} would not write is not a cursor.
   *
   * @return the cursor, or empty where the text is damaged or of another version
   */
  public static Optional<Cursor> parse(String text) {
    if (text.length() > TEXT_LENGTH_MAX) {
      return Optional.empty();
    }
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
    int end = bytes.length - SUM_BYTES;
    if (end < HEAD_BYTES + POSITION_BYTES_MIN || bytes[0] != VERSION || !sumHolds(bytes, end)) {
      return Optional.empty();
    }
    int[] starts = startsOf(bytes, end);
    if (starts == null) {
      return Optional.empty();
    }
    var cursor = new Cursor(Arrays.copyOf(bytes, end), starts);
    // The decoder is lenient about padding and unused bits; a durable name has one spelling.
    return cursor.text().equals(text) ? Optional.of(cursor) : Optional.empty();
  }

  private static boolean sumHolds(byte[] bytes, int end) {
    return PositionCodec.fixed32(bytes, end) == sum(bytes, end);
  }

  /** Finds every position, or returns null where they do not fill the bytes exactly. */
  private static int[] startsOf(byte[] bytes, int end) {
    int count = bytes[HEAD_BYTES - 1];
    if (count < 1 || count > PARTITIONS_MAX) {
      return null;
    }
    var starts = new int[count + 1];
    starts[0] = HEAD_BYTES;
    for (int i = 0; i < count; i++) {
      int next = PositionCodec.endOfPosition(bytes, starts[i], end);
      if (next < 0) {
        return null;
      }
      starts[i + 1] = next;
    }
    return starts[count] == end ? starts : null;
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
    return PositionCodec.fixed64(body, 1);
  }

  /** Number of partitions. */
  public int partitions() {
    return starts.length - 1;
  }

  /** The position in one partition, from 0. */
  public Position position(int partition) {
    return PositionCodec.position(body, starts[partition]);
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
    int shift = PositionCodec.sizeOf(position) - (starts[partition + 1] - starts[partition]);
    var moved = starts.clone();
    for (int i = partition + 1; i < moved.length; i++) {
      moved[i] += shift;
    }
    return new Cursor(spliced(partition, position, 0), moved);
  }

  /** The text that clients see. */
  public String text() {
    return ascii(Arrays.copyOf(body, body.length + SUM_BYTES));
  }

  /** The text of {@code with(partition, position)}, without making that cursor. */
  public String textWith(int partition, Position position) {
    return ascii(spliced(partition, position, SUM_BYTES));
  }

  private byte[] spliced(int partition, Position position, int extraBytes) {
    int from = starts[partition];
    int rest = starts[partition + 1];
    int next = from + PositionCodec.sizeOf(position);
    var bytes = new byte[next + body.length - rest + extraBytes];
    System.arraycopy(body, 0, bytes, 0, from);
    PositionCodec.put(bytes, from, position);
    System.arraycopy(body, rest, bytes, next, body.length - rest);
    return bytes;
  }

  private static String ascii(byte[] withRoomForSum) {
    int end = withRoomForSum.length - SUM_BYTES;
    PositionCodec.putFixed32(withRoomForSum, end, sum(withRoomForSum, end));
    return new String(ENCODER.encode(withRoomForSum), StandardCharsets.ISO_8859_1);
  }

  private static int sum(byte[] bytes, int end) {
    var crc = new CRC32C();
    crc.update(bytes, 0, end);
    return (int) crc.getValue();
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
