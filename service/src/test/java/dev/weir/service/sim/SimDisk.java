package dev.weir.service.sim;

import dev.weir.common.file.DataFile;
import dev.weir.common.file.DataFiles;
import dev.weir.service.log.segment.SimulatedDisk;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * A disk in memory on which each call may fail, as likely as it is told. Owned by one world; what
 * it loses in a power cut, and how, is {@link SimulatedDisk}.
 */
final class SimDisk implements DataFiles {
  private final SimulatedDisk disk = new SimulatedDisk();
  private final Random random;
  private final NamedCounts tally;
  private int failOneIn;
  private int syncFailsOneIn;
  private boolean syncs = true;
  private int diesIn; // calls; 0 for not
  private boolean dead;

  SimDisk(Random random, NamedCounts tally) {
    this.random = random;
    this.tally = tally;
  }

  /** From now on one of so many calls fails, and of syncs; 0 for none. */
  void fail(int callsOneIn, int syncsOneIn) {
    failOneIn = callsOneIn;
    syncFailsOneIn = syncsOneIn;
  }

  /** Syncs return at once from now on. */
  void withoutSyncs() {
    syncs = false;
  }

  /** How many bytes files may still grow; Long.MAX_VALUE for no bound. */
  void free(long bytes) {
    disk.free(bytes);
  }

  /** The process or machine dies in the n-th call from now: nothing works from then on. */
  void dieIn(int calls) {
    diesIn = calls;
  }

  /** Returns whether the process or machine died in a call. */
  boolean dead() {
    return dead;
  }

  /** The process dies. */
  void kill() {
    diesIn = 0;
    dead = false;
    disk.kill();
  }

  /** The machine dies: of what is not synced, only some survives. */
  void powerCut() {
    kill();
    disk.powerCut(random);
  }

  private void alive() throws IOException {
    dead |= diesIn > 0 && --diesIn == 0;
    if (dead) {
      throw new IOException("injected: died");
    }
  }

  private boolean fails(String what, int oneIn) throws IOException {
    alive();
    boolean hit = oneIn > 0 && random.nextInt(oneIn) == 0;
    if (hit) {
      tally.add(what);
    }
    return hit;
  }

  @Override
  public DataFile open(Path path) throws IOException {
    alive();
    return new File(disk.open(path));
  }

  @Override
  public DataFile openForReading(Path path) throws IOException {
    alive();
    return new File(disk.openForReading(path));
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    alive();
    return disk.list(directory);
  }

  @Override
  public void createDirectories(Path directory) {
    disk.createDirectories(directory);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    if (fails("rename fails", failOneIn)) {
      disk.failRename(1);
    }
    disk.rename(from, to);
  }

  @Override
  public void delete(Path path) throws IOException {
    if (fails("delete fails", failOneIn)) {
      disk.failDelete(1);
    }
    disk.delete(path);
  }

  @Override
  public long freeBytes(Path directory) throws IOException {
    alive();
    return disk.freeBytes(directory);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    if (fails("directory sync fails", syncFailsOneIn)) {
      disk.failSync(1);
    }
    if (syncs) {
      disk.syncDirectory(directory);
    }
  }

  @Override
  public Closeable lock(Path path) throws IOException {
    alive();
    return disk.lock(path);
  }

  private final class File implements DataFile {
    private final DataFile file;

    File(DataFile file) {
      this.file = file;
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      if (fails("read fails", failOneIn)) {
        throw new IOException("injected: read failed");
      }
      return file.read(into, position);
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
      if (fails("write fails", failOneIn)) {
        disk.failWrite(1, random.nextInt(from.remaining() + 1));
      }
      file.write(from, position);
    }

    @Override
    public long size() throws IOException {
      alive();
      return file.size();
    }

    @Override
    public void truncate(long bytes) throws IOException {
      if (fails("truncate fails", failOneIn)) {
        disk.failTruncate(1);
      }
      file.truncate(bytes);
    }

    @Override
    public void sync(boolean metadata) throws IOException {
      if (fails("sync fails", syncFailsOneIn)) {
        disk.failSync(1);
      }
      if (syncs) {
        file.sync(metadata);
      }
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
