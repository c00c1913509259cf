package dev.weir.common.protobuf;

import dev.weir.common.OwnedBy;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads protobuf's encodings from a range of bytes. A malformed or not minimal one makes it failed
 * for good and empty; nothing throws. Owned by the call that made it.
 */
@OwnedBy("its caller")
public final class ProtobufReader {
  /** Eight bytes of an array as a number, in the byte order of protobuf and of columns. */
  public static final VarHandle LITTLE_ENDIAN_LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int VARINT_BYTES_MAX = 10;

  /** In eight bytes: which of them are not the last of their varint. */
  private static final long CONTINUED = 0x8080808080808080L;

  private static final long FOUR_OF_TWO = 0x0080008000800080L;

  // In four pairs of bytes, of each pair:
  private static final long LOW_BYTES = 0x00ff00ff00ff00ffL;
  private static final long LOW_SEVEN = 0x007f007f007f007fL;
  private static final long LOW_BYTE_BITS = 0x0101010101010101L;
  private static final long LOW_BITS = 0x0001000100010001L;
  private static final long HIGH_BITS = 0x8000800080008000L;

  private final byte[] array;
  private int at;
  private int end;
  private boolean failed;

  public ProtobufReader(byte[] array, int from, int end) {
    this.array = array;
    this.at = from;
    this.end = end;
  }

  /** Continues with another range; a failure stays. */
  public void range(int from, int rangeEnd) {
    at = failed ? rangeEnd : from;
    end = rangeEnd;
  }

  public int at() {
    return at;
  }

  public int left() {
    return end - at;
  }

  public boolean failed() {
    return failed;
  }

  public long fail() {
    failed = true;
    at = end;
    return 0;
  }

  /** Takes a one-byte tag if it is next. */
  public boolean tag(int tag) {
    if (at < end && array[at] == tag) {
      at++;
      return true;
    }
    return false;
  }

  /** A varint of up to 64 bits in its fewest bytes. */
  public long varint() {
    if (at < end) {
      byte first = array[at];
      if (first >= 0) {
        at++;
        return first;
      }
      if (end - at >= 2) {
        byte second = array[at + 1];
        if (second > 0) {
          at += 2;
          return (first & 0x7f) | (second << 7);
        }
      }
    }
    return longVarint();
  }

  private long longVarint() {
    long value = 0;
    int bytesMax = Math.min(VARINT_BYTES_MAX, end - at);
    for (int i = 0; i < bytesMax; i++) {
      byte next = array[at + i];
      value |= (next & 0x7fL) << (7 * i);
      if (next >= 0) {
        if (!endsWell(next, i + 1)) {
          return fail();
        }
        at += i + 1;
        return value;
      }
    }
    return fail();
  }

  /**
   * Returns whether a varint of so many bytes may end with this one: minimal, and at most 64 bits.
   */
  private static boolean endsWell(byte last, int bytes) {
    boolean minimal = last != 0 || bytes == 1;
    boolean fits = bytes < VARINT_BYTES_MAX || (bytes == VARINT_BYTES_MAX && last == 1);
    return minimal && fits;
  }

  /** Takes varints without decoding them. */
  public void skipVarints(int count) {
    int left = count;
    int start = at;
    for (int i = at; i < end && left > 0; i++) {
      if (array[i] >= 0) {
        if (!endsWell(array[i], i + 1 - start)) {
          break;
        }
        start = i + 1;
        left--;
      }
    }
    at = start;
    if (left > 0) {
      fail();
    }
  }

  /** A varint of up to 32 bits. */
  public int uint32() {
    long value = varint();
    return value >>> 32 == 0 ? (int) value : (int) fail();
  }

  public long zigzag() {
    return unzigzag(varint());
  }

  private static long unzigzag(long value) {
    return value >>> 1 ^ -(value & 1);
  }

  /**
   * Takes so many varints: faster than one by one, because nearly all are of one byte or two, and
   * mostly as long as the one before.
   */
  private void varints(long[] target, int count) {
    byte[] bytes = array;
    int last = end - 1;
    int next = at;
    for (int i = 0; i < count; i++) {
      if (i + 4 <= count && next + Long.BYTES <= end) {
        long word = (long) LITTLE_ENDIAN_LONG.get(bytes, next);
        if ((word & CONTINUED) == FOUR_OF_TWO) {
          long high = word >>> 8 & LOW_BYTES;
          if ((high - LOW_BITS & ~high & HIGH_BITS) == 0) { // none is of more bytes than it needs
            long four = word & LOW_SEVEN | high << 7;
            target[i] = four & 0xffff;
            target[i + 1] = four >>> 16 & 0xffff;
            target[i + 2] = four >>> 32 & 0xffff;
            target[i + 3] = four >>> 48;
            i += 3;
            next += Long.BYTES;
            continue;
          }
        }
      }
      if (next < last) {
        byte first = bytes[next];
        byte second = bytes[next + 1];
        if (first >= 0) {
          target[i] = first;
          next++;
          continue;
        }
        if (second > 0) {
          target[i] = first & 0x7f | second << 7;
          next += 2;
          continue;
        }
      }
      at = next;
      target[i] = varint();
      next = at;
    }
    at = next;
  }

  /**
   * Takes varints while several together are of one byte or two and in a range.
   *
   * @param from the least
   * @param limit the greatest plus one
   * @param most how many may be taken
   * @return how many were
   */
  public int varintsWithin(int from, int limit, int most) {
    if (from >= limit) {
      return 0;
    }
    int taken = 0;
    int next = at;
    // Added to each lane (16 bits of a number of two bytes, 0x80 to 0x3fff; or a byte, up to 0x7f),
    // these set its top bit where the number is no longer below the limit, or at least the least.
    long tooGreat = LOW_BITS * (0x8000 - Math.min(limit, 0x4000));
    long greatEnough = LOW_BITS * (0x8000 - Math.min(Math.max(from, 0x80), 0x8000));
    long byteTooGreat = LOW_BYTE_BITS * (0x80 - Math.min(limit, 0x80));
    long byteGreatEnough = LOW_BYTE_BITS * (0x80 - Math.min(from, 0x80));
    while (next + Long.BYTES <= end) {
      long word = (long) LITTLE_ENDIAN_LONG.get(array, next);
      long continued = word & CONTINUED;
      if (continued == FOUR_OF_TWO && taken + 4 <= most) {
        long four = word & LOW_SEVEN | (word >>> 8 & LOW_BYTES) << 7;
        if ((((four + tooGreat) | ~(four + greatEnough)) & HIGH_BITS) != 0) {
          break;
        }
        taken += 4;
      } else if (continued == 0 && taken + Long.BYTES <= most) {
        if ((((word + byteTooGreat) | ~(word + byteGreatEnough)) & CONTINUED) != 0) {
          break;
        }
        taken += Long.BYTES;
      } else {
        break;
      }
      next += Long.BYTES;
    }
    at = next;
    return taken;
  }

  /** Takes so many varints of up to 32 bits. */
  public void uint32s(long[] target, int count) {
    varints(target, count);
    long bits = 0;
    for (int i = 0; i < count; i++) {
      bits |= target[i];
    }
    if (bits >>> 32 != 0) {
      fail();
    }
  }

  /** Takes so many zigzag numbers. */
  public void zigzags(long[] target, int count) {
    varints(target, count);
    for (int i = 0; i < count; i++) {
      target[i] = unzigzag(target[i]);
    }
  }

  public long fixed64() {
    if (left() < Long.BYTES) {
      return fail();
    }
    long value = (long) LITTLE_ENDIAN_LONG.get(array, at);
    at += Long.BYTES;
    return value;
  }

  /** Takes so many fixed64. */
  public void fixed64s(long[] target, int count) {
    if (left() / Long.BYTES < count) {
      fail();
      return;
    }
    for (int i = 0; i < count; i++) {
      target[i] = (long) LITTLE_ENDIAN_LONG.get(array, at + i * Long.BYTES);
    }
    at += count * Long.BYTES;
  }

  /** Takes so many bytes, one number each. */
  public void bytes(long[] target, int count) {
    if (left() < count) {
      fail();
      return;
    }
    for (int i = 0; i < count; i++) {
      target[i] = array[at + i];
    }
    at += count;
  }

  /** The length of what follows; within this range. */
  public int length() {
    long value = varint();
    return value >= 0 && value <= left() ? (int) value : (int) fail();
  }

  public void skip(int bytes) {
    at = failed ? end : at + bytes;
  }
}
