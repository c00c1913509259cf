package dev.weir.service.log.segment.read;

import dev.weir.common.file.ReadableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

/** A file that grows, and fails when it is told to. Thread-safe. */
final class MemoryFile implements ReadableFile {
  private int bytes;
  private int reads;
  private int failures;
  private boolean closed;

  MemoryFile(int bytes) {
    this.bytes = bytes;
  }

  /** What it has at a position. */
  static byte at(long position) {
    return (byte) (position * 31 + position / 251);
  }

  synchronized void grow(int more) {
    bytes += more;
  }

  /** Has the next reads fail. */
  synchronized void fail(int times) {
    failures = times;
  }

  synchronized int reads() {
    return reads;
  }

  synchronized boolean closed() {
    return closed;
  }

  /** As an interrupted thread closes it. */
  synchronized void interrupt() {
    closed = true;
  }

  @Override
  public synchronized int read(ByteBuffer into, long position) throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    reads++;
    if (failures > 0) {
      failures--;
      throw new IOException("injected: read failed");
    }
    int count = (int) Math.max(0, Math.min(into.remaining(), bytes - position));
    for (int i = 0; i < count; i++) {
      into.put(at(position + i));
    }
    return count;
  }

  @Override
  public synchronized long size() {
    return bytes;
  }

  @Override
  public synchronized void close() {
    closed = true;
  }
}
