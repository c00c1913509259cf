package dev.weir.it.contract.harness;

import dev.weir.common.file.DataFile;
import dev.weir.common.file.DataFiles;
import dev.weir.common.file.DiskFullException;
import dev.weir.common.file.NioDataFiles;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/**
 * The real disk, which fails, waits or dies when a test orders it. Faults hit the segment files of
 * topics only, never the system partition. Thread-safe.
 */
public final class FaultyFiles implements DataFiles {
  /** The behaviour of a write, sync or read of a topic's segment. */
  public enum Fault {
    NONE,
    FAIL_WRITE,
    FAIL_READ,
    DISK_FULL,
    FAIL_SYNC,
    /** Syncs wait until the fault changes. */
    HOLD_SYNC,
    /** Reads wait until the fault changes. */
    HOLD_READ,
    DIE_BEFORE_WRITE,
    DIE_IN_WRITE,
    DIE_BEFORE_SYNC,
    DIE_AFTER_SYNC
  }

  private final DataFiles real = new NioDataFiles();
  private final List<Closeable> locks = new ArrayList<>();
  private Fault fault = Fault.NONE; // guarded by this, as all below
  private String within = "";
  private boolean dead;
  private final Map<Fault, Integer> held = new EnumMap<>(Fault.class);

  /** The first byte that is not synced, of each file that is only written at its end. */
  private final Map<Path, Long> unsyncedFrom = new HashMap<>();

  /** Sets the fault of every topic's segments from now on. */
  public synchronized void set(Fault newFault) {
    set(newFault, "");
  }

  /** Sets the fault of the segments whose path contains a text from now on, and of no others. */
  public synchronized void set(Fault newFault, String pathPart) {
    fault = newFault;
    within = pathPart;
    notifyAll();
  }

  /** The process is gone: nothing reaches the disk any more, and another may take the directory. */
  public synchronized void die() {
    dead = true;
    notifyAll();
    for (Closeable lock : locks) {
      try {
        lock.close();
      } catch (IOException failed) {
        throw new IllegalStateException("the lock cannot be given up", failed);
      }
    }
  }

  /** The machine is gone too, after {@link #die}: what was not synced is not on the disk. */
  public synchronized void losePageCache() throws IOException {
    for (Map.Entry<Path, Long> file : unsyncedFrom.entrySet()) {
      try (DataFile cut = real.open(file.getKey())) {
        cut.truncate(file.getValue());
      }
    }
    unsyncedFrom.clear();
  }

  private synchronized void written(Path path, long position) {
    unsyncedFrom.merge(path, position, Math::min);
  }

  private synchronized void synced(Path path) {
    unsyncedFrom.remove(path);
  }

  /** Syncs that wait now. */
  public synchronized int heldSyncs() {
    return held.getOrDefault(Fault.HOLD_SYNC, 0);
  }

  /** Reads that wait now. */
  public synchronized int heldReads() {
    return held.getOrDefault(Fault.HOLD_READ, 0);
  }

  /** Waits until a sync waits. */
  public void awaitHeldSync() {
    Awaitility.await("a sync").until(() -> heldSyncs() > 0);
  }

  /** Returns whether it died, by order or by a fault. */
  public synchronized boolean isDead() {
    return dead;
  }

  private synchronized void live() throws IOException {
    if (dead) {
      throw new IOException("the process is dead");
    }
  }

  /** The fault that hits an access to a path, or NONE. */
  private synchronized Fault hits(Path path) throws IOException {
    live();
    String text = path.toString();
    boolean topicSegment = text.endsWith(".log") && text.contains("topics");
    return topicSegment && text.contains(within) ? fault : Fault.NONE;
  }

  private synchronized void hold(Path path, Fault hold) throws IOException {
    held.merge(hold, 1, Integer::sum);
    try {
      while (hits(path) == hold) {
        wait();
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", stop);
    } finally {
      held.merge(hold, -1, Integer::sum);
    }
    live();
  }

  @Override
  public DataFile open(Path path) throws IOException {
    live();
    return new FaultyFile(path, real.open(path));
  }

  @Override
  public DataFile openForReading(Path path) throws IOException {
    live();
    return new FaultyFile(path, real.openForReading(path));
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    live();
    return real.list(directory);
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    live();
    real.createDirectories(directory);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    live();
    real.rename(from, to);
  }

  @Override
  public void delete(Path path) throws IOException {
    live();
    real.delete(path);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    live();
    real.syncDirectory(directory);
  }

  @Override
  public synchronized Closeable lock(Path path) throws IOException {
    live();
    Closeable lock = real.lock(path);
    if (lock != null) {
      locks.add(lock);
    }
    return lock;
  }

  private final class FaultyFile implements DataFile {
    private final Path path;
    private final DataFile file;

    FaultyFile(Path path, DataFile file) {
      this.path = path;
      this.file = file;
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      Fault hit = hits(path);
      if (hit == Fault.FAIL_READ) {
        throw new IOException("read failed on purpose");
      } else if (hit == Fault.HOLD_READ) {
        hold(path, hit);
      }
      return file.read(into, position);
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
      switch (hits(path)) {
        case FAIL_WRITE -> throw tornWrite(from, position, new IOException("failed on purpose"));
        case DISK_FULL ->
            throw tornWrite(from, position, new DiskFullException("full on purpose", null));
        case DIE_BEFORE_WRITE -> throw died();
        case DIE_IN_WRITE -> throw tornWrite(from, position, died());
        default -> {
          file.write(from, position);
          written(path, position);
        }
      }
    }

    private IOException tornWrite(ByteBuffer from, long position, IOException why)
        throws IOException {
      ByteBuffer half = from.duplicate();
      half.limit(half.position() + half.remaining() / 2);
      file.write(half, position);
      return why;
    }

    @Override
    public void sync(boolean metadata) throws IOException {
      switch (hits(path)) {
        case FAIL_SYNC -> throw new IOException("sync failed on purpose");
        case DIE_BEFORE_SYNC -> throw died();
        case DIE_AFTER_SYNC -> {
          reallySync(metadata);
          throw died();
        }
        case HOLD_SYNC -> {
          hold(path, Fault.HOLD_SYNC);
          reallySync(metadata);
        }
        default -> reallySync(metadata);
      }
    }

    private void reallySync(boolean metadata) throws IOException {
      synced(path); // before: what is written meanwhile is not
      file.sync(metadata);
    }

    private IOException died() {
      die();
      return new IOException("died on purpose");
    }

    @Override
    public long size() throws IOException {
      live();
      return file.size();
    }

    @Override
    public void truncate(long bytes) throws IOException {
      live();
      file.truncate(bytes);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
