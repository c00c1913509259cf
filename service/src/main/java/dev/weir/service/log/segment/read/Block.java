package dev.weir.service.log.segment.read;

import dev.weir.common.file.ReadableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A part of a file in memory, from its beginning up to some byte. Thread-safe. Who reads it uses
 * it, and gives it back to its {@link BlockCache}; its memory goes to others only while nobody uses
 * it. Bytes that are loaded do not change, as files are only appended to; more may be loaded behind
 * them.
 */
public final class Block {
  private static final int DROPPED = -1;

  private final AtomicInteger users = new AtomicInteger(1); // who made it
  private byte[] bytes; // touched by users, and by who drops it
  private ByteBuffer view;
  private volatile int loaded;
  private volatile boolean cached;
  private long usedAtTick; // guarded by the cache

  Block(byte[] memory, boolean cached) {
    this.bytes = memory;
    this.view = ByteBuffer.wrap(memory).order(ByteOrder.LITTLE_ENDIAN);
    this.cached = cached;
  }

  /** Its memory, of which {@link #loaded} bytes are of the file. Only users read it. */
  public byte[] bytes() {
    return bytes;
  }

  /** The same, little-endian; its position and limit are left alone. */
  public ByteBuffer view() {
    return view;
  }

  /** Returns the number of bytes that are loaded. */
  public int loaded() {
    return loaded;
  }

  /** Uses it once more, unless its memory has gone to others. */
  public boolean tryUse() {
    int now = users.get();
    while (now != DROPPED && !users.compareAndSet(now, now + 1)) {
      now = users.get();
    }
    return now != DROPPED;
  }

  /**
   * Loads it up to some byte where that is not done. Who comes meanwhile waits for the one who
   * reads. Where the file is shorter, less is loaded. Only users call it.
   *
   * @param position of its first byte in the file
   */
  public void load(ReadableFile file, long position, int wanted) throws IOException {
    if (loaded >= wanted) {
      return;
    }
    synchronized (this) {
      int have = loaded;
      if (have < wanted) {
        loaded = have + file.read(ByteBuffer.wrap(bytes, have, wanted - have), position + have);
      }
    }
  }

  /** One user less; true if there is none any more. */
  boolean unuse() {
    return users.decrementAndGet() == 0;
  }

  /** Takes its memory for others; null while somebody uses it, or where that was done. */
  byte[] drop() {
    if (!users.compareAndSet(0, DROPPED)) {
      return null;
    }
    byte[] memory = bytes;
    bytes = null; // who used it may keep the block, but not what it held
    view = null;
    return memory;
  }

  /** Returns whether it is kept when nobody uses it. */
  boolean cached() {
    return cached;
  }

  void uncache() {
    cached = false;
  }

  long usedAtTick() {
    return usedAtTick;
  }

  void usedAtTick(long tick) {
    usedAtTick = tick;
  }
}
