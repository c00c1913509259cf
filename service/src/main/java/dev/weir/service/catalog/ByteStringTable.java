package dev.weir.service.catalog;

import dev.weir.common.OwnedBy;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Byte strings by number and numbers by byte string, without an object for each: the bytes lie in
 * chunks, and four bytes for each number say where. Numbers are found by extendible hashing (Fagin
 * and others, ACM TODS, 1979): a bucket that is full is split, so that adding one never takes more
 * than {@value #SLOTS_MAX} slots' time, however many there are. One owner adds; any thread reads
 * without a lock what was added before it learned of it.
 */
@OwnedBy("partition writer")
final class ByteStringTable {
  /** The bytes that a byte string takes besides its own bytes, on average and a little more. */
  static final int ENTRY_BYTES = 20;

  private static final int CHUNK_BYTES = 1 << 14;
  private static final int CHUNK_BYTES_LEAST = 64;

  /** Entries lie at multiples of so many bytes, so that a place is a number of 32 bits. */
  private static final int ALIGN_BITS = 2;

  private static final int PLACE_BITS = 14 - ALIGN_BITS;
  private static final int PAGE_BITS = 10;
  private static final int PAGE_LEAST = 8;
  private static final int SLOTS_LEAST = 8;
  private static final int SLOTS_MAX = 1 << 11;
  private static final int DEPTH_MAX = 24;

  private static final long MIX = 0x9E3779B97F4A7C15L;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** Numbers, plus one, by the lower bits of their hash; 0 for none. */
  private static final class Bucket {
    final AtomicIntegerArray slots;
    final int depth;
    int size; // the owner's

    Bucket(int slotCount, int depth) {
      this.slots = new AtomicIntegerArray(slotCount);
      this.depth = depth;
    }
  }

  private final long seed;
  private volatile byte[][] chunks = {};
  private int chunkEnd = CHUNK_BYTES; // of the last one; the owner's
  private volatile int[][] places = {}; // by number; 0 for none
  private volatile Bucket[] buckets = {new Bucket(SLOTS_LEAST, 0)}; // by the hash's upper bits
  private volatile int count;

  /**
   * An empty table.
   *
   * @param seed unknown to those who choose the byte strings
   */
  ByteStringTable(long seed) {
    this.seed = seed;
  }

  /** Numbers are below it. */
  int count() {
    return count;
  }

  /** Returns whether a number has a byte string. */
  boolean has(int number) {
    return number < count && place(number) != 0;
  }

  /** The number of a byte string; -1 for none. */
  int find(byte[] bytes) {
    long hash = hash(bytes, 0, bytes.length);
    Bucket[] now = buckets;
    AtomicIntegerArray slots = now[bucketOf(hash, now.length)].slots;
    int mask = slots.length() - 1;
    for (int at = (int) hash & mask; ; at = at + 1 & mask) {
      int slot = slots.get(at);
      if (slot == 0) {
        return -1;
      }
      if (isAt(slot - 1, bytes)) {
        return slot - 1;
      }
    }
  }

  private boolean isAt(int number, byte[] bytes) {
    int place = place(number);
    byte[] chunk = chunks[place >>> PLACE_BITS];
    long tag = varint(chunk, offset(place));
    long length = varint(chunk, (int) (tag >>> Integer.SIZE));
    int from = (int) (length >>> Integer.SIZE);
    return Arrays.equals(chunk, from, from + (int) length, bytes, 0, bytes.length);
  }

  /**
   * Adds a byte string that is not there, with a number that has none. Owner only.
   *
   * @param tag what goes with it
   */
  void add(int number, int tag, byte[] bytes) {
    int place = store(tag, bytes);
    setPlace(number, place);
    count = Math.max(count, number + 1);
    insert(number, hash(bytes, 0, bytes.length));
  }

  /** Makes a number known that has no byte string. Owner only. */
  void keep(int number) {
    if (number >= count) {
      setPlace(number, 0);
      count = number + 1;
    }
  }

  /** Returns the tag of a byte string that is there. */
  int tag(int number) {
    int place = place(number);
    byte[] chunk = chunks[place >>> PLACE_BITS];
    return (int) varint(chunk, offset(place));
  }

  /** A byte string that is there, as text in UTF-8. */
  String text(int number) {
    return new String(copy(number), StandardCharsets.UTF_8);
  }

  /** A byte string that is there. */
  byte[] copy(int number) {
    int place = place(number);
    byte[] chunk = chunks[place >>> PLACE_BITS];
    long tag = varint(chunk, offset(place));
    long length = varint(chunk, (int) (tag >>> Integer.SIZE));
    int from = (int) (length >>> Integer.SIZE);
    return Arrays.copyOfRange(chunk, from, from + (int) length);
  }

  /** Returns whether a byte string that is there passes a test. */
  boolean test(int number, SensorCatalog.NameTest test) {
    int place = place(number);
    byte[] chunk = chunks[place >>> PLACE_BITS];
    long tag = varint(chunk, offset(place));
    long length = varint(chunk, (int) (tag >>> Integer.SIZE));
    return test.test(chunk, (int) (length >>> Integer.SIZE), (int) length);
  }

  /** Compares at most so many first bytes of a byte string that is there with others, unsigned. */
  int compare(int number, byte[] bytes, int most) {
    int place = place(number);
    byte[] chunk = chunks[place >>> PLACE_BITS];
    long tag = varint(chunk, offset(place));
    long length = varint(chunk, (int) (tag >>> Integer.SIZE));
    int from = (int) (length >>> Integer.SIZE);
    int end = from + Math.min((int) length, most);
    return Arrays.compareUnsigned(chunk, from, end, bytes, 0, bytes.length);
  }

  /** Heap that it takes, by the sizes of its arrays. */
  long heapBytes() {
    long bytes = 100 + 24L * (chunks.length + places.length) + 4L * buckets.length;
    for (byte[] chunk : chunks) {
      bytes += chunk.length;
    }
    for (int[] page : places) {
      bytes += 4L * page.length;
    }
    Bucket last = null;
    for (Bucket bucket : buckets) {
      if (bucket != last) {
        bytes += 60 + 4L * bucket.slots.length();
      }
      last = bucket;
    }
    return bytes;
  }

  // ---- bytes

  private static int offset(int place) {
    return (place & (1 << PLACE_BITS) - 1) << ALIGN_BITS;
  }

  /** Stores tag, length and bytes. Returns their place, which is not 0. */
  private int store(int tag, byte[] bytes) {
    int need = varintBytes(tag) + varintBytes(bytes.length) + bytes.length;
    int from = chunkEnd + (1 << ALIGN_BITS) - 1 & -(1 << ALIGN_BITS);
    byte[][] now = chunks;
    if (from + need > CHUNK_BYTES) {
      now = Arrays.copyOf(now, now.length + 1);
      from = now.length == 1 ? 1 << ALIGN_BITS : 0; // place 0 is none
      boolean first = now.length == 1 && from + need <= CHUNK_BYTES;
      int least = first ? CHUNK_BYTES_LEAST : CHUNK_BYTES;
      now[now.length - 1] = new byte[Math.max(least, from + need)];
      chunks = now;
    } else if (from + need > now[now.length - 1].length) { // the first, still small
      int length = now[now.length - 1].length;
      now = now.clone();
      now[now.length - 1] =
          Arrays.copyOf(
              now[now.length - 1], Math.min(CHUNK_BYTES, Math.max(2 * length, from + need)));
      chunks = now;
    }
    byte[] chunk = now[now.length - 1];
    int at = putVarint(chunk, putVarint(chunk, from, tag), bytes.length);
    System.arraycopy(bytes, 0, chunk, at, bytes.length);
    chunkEnd = at + bytes.length;
    return now.length - 1 << PLACE_BITS | from >>> ALIGN_BITS;
  }

  private static int varintBytes(int value) {
    return (38 - Integer.numberOfLeadingZeros(value | 1)) / 7;
  }

  private static int putVarint(byte[] bytes, int from, int value) {
    int at = from;
    int left = value;
    for (; left >>> 7 != 0; left >>>= 7) {
      bytes[at++] = (byte) (left | 0x80);
    }
    bytes[at++] = (byte) left;
    return at;
  }

  /** A number in the lower half, and where it ends in the upper one. */
  private static long varint(byte[] bytes, int from) {
    int at = from;
    int value = 0;
    int shift = 0;
    byte b;
    do {
      b = bytes[at++];
      value |= (b & 0x7f) << shift;
      shift += 7;
    } while (b < 0);
    return (long) at << Integer.SIZE | value & 0xffffffffL;
  }

  // ---- places

  private int place(int number) {
    return places[number >>> PAGE_BITS][number & (1 << PAGE_BITS) - 1];
  }

  private void setPlace(int number, int place) {
    int page = number >>> PAGE_BITS;
    int index = number & (1 << PAGE_BITS) - 1;
    int[][] now = places;
    if (page >= now.length) {
      int[][] more = Arrays.copyOf(now, page + 1);
      for (int p = now.length; p <= page; p++) {
        more[p] = new int[p == 0 && page == 0 ? PAGE_LEAST : 1 << PAGE_BITS];
      }
      if (now.length == 1) {
        more[0] = Arrays.copyOf(more[0], 1 << PAGE_BITS);
      }
      now = more;
      places = now;
    }
    if (index >= now[page].length) { // the first, still small
      int length = Math.max(2 * now[page].length, Integer.highestOneBit(index) * 2);
      now = now.clone();
      now[page] = Arrays.copyOf(now[page], Math.min(length, 1 << PAGE_BITS));
      places = now;
    }
    now[page][index] = place;
  }

  // ---- hashing

  private long hash(byte[] bytes, int from, int length) {
    long hash = seed ^ length * MIX;
    int at = from;
    int end = from + length;
    for (; end - at >= Long.BYTES; at += Long.BYTES) {
      hash = mix(hash ^ (long) LONGS.get(bytes, at));
    }
    long rest = 0;
    for (; at < end; at++) {
      rest = rest << Byte.SIZE | bytes[at] & 0xff;
    }
    return mix(mix(hash ^ rest));
  }

  private static long mix(long value) {
    long mixed = (value ^ value >>> 32) * MIX;
    return mixed ^ mixed >>> 29;
  }

  private static int bucketOf(long hash, int length) {
    return length == 1 ? 0 : (int) (hash >>> Long.SIZE - Integer.numberOfTrailingZeros(length));
  }

  private void insert(int number, long hash) {
    Bucket bucket = buckets[bucketOf(hash, buckets.length)];
    while ((bucket.size + 1) * 4 > bucket.slots.length() * 3) {
      makeRoom(bucket);
      bucket = buckets[bucketOf(hash, buckets.length)];
    }
    put(bucket, number, hash);
  }

  private static void put(Bucket bucket, int number, long hash) {
    int mask = bucket.slots.length() - 1;
    int at = (int) hash & mask;
    while (bucket.slots.get(at) != 0) {
      at = at + 1 & mask;
    }
    bucket.slots.set(at, number + 1);
    bucket.size++;
  }

  /** Replaces a bucket by a larger one, or by two. */
  private void makeRoom(Bucket full) {
    Bucket[] now = buckets;
    int slots = full.slots.length();
    if (slots < SLOTS_MAX || full.depth == DEPTH_MAX) {
      Bucket larger = new Bucket(2 * slots, full.depth);
      buckets = replaced(now, full, larger, larger);
      return;
    }
    if (1 << full.depth == now.length) {
      Bucket[] twice = new Bucket[2 * now.length];
      for (int i = 0; i < twice.length; i++) {
        twice[i] = now[i / 2];
      }
      now = twice;
    }
    Bucket lower = new Bucket(SLOTS_MAX, full.depth + 1);
    Bucket upper = new Bucket(SLOTS_MAX, full.depth + 1);
    buckets = replaced(now, full, lower, upper);
  }

  /** The buckets with what was in one distributed over its lower and upper half. */
  private Bucket[] replaced(Bucket[] now, Bucket full, Bucket lower, Bucket upper) {
    Bucket[] replaced = now.clone();
    int first = 0;
    while (now[first] != full) {
      first++;
    }
    int places = now.length >> full.depth;
    for (int i = 0; i < places; i++) {
      replaced[first + i] = i < (places + 1) / 2 ? lower : upper;
    }
    for (int at = 0; at < full.slots.length(); at++) {
      int slot = full.slots.get(at);
      if (slot != 0) {
        long hash = hashOf(slot - 1);
        put(replaced[bucketOf(hash, replaced.length)], slot - 1, hash);
      }
    }
    return replaced;
  }

  private long hashOf(int number) {
    int place = place(number);
    byte[] chunk = chunks[place >>> PLACE_BITS];
    long tag = varint(chunk, offset(place));
    long length = varint(chunk, (int) (tag >>> Integer.SIZE));
    return hash(chunk, (int) (length >>> Integer.SIZE), (int) length);
  }
}
