package dev.weir.service.log.segment;

import dev.weir.common.file.DataFile;
import dev.weir.common.file.DataFiles;
import dev.weir.common.file.DiskFullException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A disk in memory that knows what is synced, and loses, tears and fails as it is told.
 * Thread-safe. Directories are durable at once; names in them only after a sync of the directory.
 */
public final class SimulatedDisk implements DataFiles {
  private final Map<Path, SimulatedFile> names = new TreeMap<>();
  private final Map<Path, SimulatedFile> durableNames = new TreeMap<>();
  private final List<Naming> unsyncedNames = new ArrayList<>();
  private final Set<Path> directories = new TreeSet<>(); // made as such
  private final Set<Path> locks = new HashSet<>();
  private int generation;
  private int failWriteIn;
  private int tornBytes;
  private int failSyncIn;
  private int failTruncateIn;
  private int failDeleteIn;
  private int failRenameIn;
  private long freeBytes = Long.MAX_VALUE;
  private boolean copies;
  private Error syncError; // null for none
  private int syncs;

  /** A name given or taken away (no node), or a directory moved with all that is in it. */
  private record Naming(Path path, SimulatedFile node, Path movedFrom) {
    Naming(Path path, SimulatedFile node) {
      this(path, node, null);
    }

    /** The same once its directory is moved. */
    Naming after(Naming move) {
      return in(move.movedFrom, move.path);
    }

    /** The same had its directory not been moved. */
    Naming before(Naming move) {
      return in(move.path, move.movedFrom);
    }

    private Naming in(Path was, Path is) {
      return path.startsWith(was)
          ? new Naming(is.resolve(was.relativize(path)), node, movedFrom)
          : this;
    }
  }

  // What tests do.

  /** The process dies: what it wrote stays with the operating system. */
  public synchronized void kill() {
    generation++;
    locks.clear();
    heal();
  }

  /**
   * The machine dies: what is not synced is lost.
   *
   * @param survivors which sectors and names are on the disk all the same; null for none
   */
  public synchronized void powerCut(Random survivors) {
    kill();
    while (survivors != null && !unsyncedNames.isEmpty()) {
      Naming naming = unsyncedNames.remove(0);
      if (survivors.nextBoolean()) {
        name(durableNames, naming);
      } else if (naming.movedFrom != null) {
        unsyncedNames.replaceAll(later -> later.before(naming));
      }
    }
    unsyncedNames.clear();
    names.clear();
    names.putAll(durableNames);
    names.values().forEach(file -> file.powerCut(survivors));
  }

  /** No more faults. */
  public synchronized void heal() {
    failWriteIn = 0;
    failSyncIn = 0;
    failTruncateIn = 0;
    failDeleteIn = 0;
    failRenameIn = 0;
    freeBytes = Long.MAX_VALUE;
  }

  /** The nth write from now fails after some bytes. */
  public synchronized void failWrite(int nth, int afterBytes) {
    failWriteIn = nth;
    tornBytes = afterBytes;
  }

  /** The nth sync from now fails; what it should have synced is never written by a later one. */
  public synchronized void failSync(int nth) {
    failSyncIn = nth;
  }

  public synchronized void failTruncate(int nth) {
    failTruncateIn = nth;
  }

  public synchronized void failDelete(int nth) {
    failDeleteIn = nth;
  }

  public synchronized void failRename(int nth) {
    failRenameIn = nth;
  }

  /** How many bytes files can still grow. */
  public synchronized void free(long bytes) {
    freeBytes = bytes;
  }

  /** From now on what is overwritten needs space too, as it is copied. */
  synchronized void copyOnWrite() {
    copies = true;
  }

  /** From now on syncs end the thread that they run on. */
  synchronized void breakSync(Error with) {
    syncError = with;
  }

  public synchronized int syncs() {
    return syncs;
  }

  public synchronized byte[] bytes(Path path) {
    return names.get(path).bytes().clone();
  }

  /** Replaces a file's bytes, durably. */
  public synchronized void replace(Path path, byte[] bytes) {
    names.get(path).replace(bytes);
  }

  public synchronized void flip(Path path, int at) {
    byte[] bytes = bytes(path);
    bytes[at] = (byte) (bytes[at] ^ 1 << at % 8);
    replace(path, bytes);
  }

  /** All files, in order. */
  public synchronized List<Path> paths() {
    return List.copyOf(names.keySet());
  }

  /** Another disk with the same files, all synced. */
  public SimulatedDisk copy() {
    SimulatedDisk copy = copyWithUnsynced();
    copy.durableNames.clear();
    copy.durableNames.putAll(copy.names);
    copy.unsyncedNames.clear();
    copy.names.values().forEach(file -> file.replace(file.bytes()));
    return copy;
  }

  /** Another disk with the same files, and the same of it not synced. */
  synchronized SimulatedDisk copyWithUnsynced() {
    SimulatedDisk copy = new SimulatedDisk();
    copy.directories.addAll(directories);
    Map<SimulatedFile, SimulatedFile> copies = new HashMap<>();
    names.forEach((path, node) -> copy.names.put(path, copy(copies, node)));
    durableNames.forEach((path, node) -> copy.durableNames.put(path, copy(copies, node)));
    for (Naming naming : unsyncedNames) {
      copy.unsyncedNames.add(new Naming(naming.path, copy(copies, naming.node), naming.movedFrom));
    }
    return copy;
  }

  private static SimulatedFile copy(Map<SimulatedFile, SimulatedFile> copies, SimulatedFile file) {
    return file == null ? null : copies.computeIfAbsent(file, SimulatedFile::copy);
  }

  // What the engine does.

  @Override
  public synchronized DataFile open(Path path) throws IOException {
    if (!names.containsKey(path)) {
      set(new Naming(path, new SimulatedFile()));
    }
    return new Handle(names.get(path), generation);
  }

  @Override
  public synchronized DataFile openForReading(Path path) throws IOException {
    if (!names.containsKey(path)) {
      throw new NoSuchFileException(path.toString());
    }
    return new Handle(names.get(path), generation);
  }

  @Override
  public synchronized List<String> list(Path directory) {
    return Stream.concat(names.keySet().stream(), directories.stream())
        .filter(path -> path.startsWith(directory) && !path.equals(directory))
        .map(path -> directory.relativize(path).getName(0).toString())
        .distinct()
        .sorted()
        .toList();
  }

  @Override
  public synchronized void createDirectories(Path directory) {
    for (Path path = directory; path != null; path = path.getParent()) {
      directories.add(path);
    }
  }

  @Override
  public synchronized void rename(Path from, Path to) throws IOException {
    if (failRenameIn > 0 && --failRenameIn == 0) {
      throw new IOException("injected: rename failed");
    }
    if (!names.containsKey(from)) {
      set(new Naming(to, null, from));
      for (Path path : List.copyOf(directories)) {
        if (path.startsWith(from)) {
          directories.remove(path);
          directories.add(to.resolve(from.relativize(path)));
        }
      }
      return;
    }
    SimulatedFile node = names.get(from);
    freed(names.get(to));
    set(new Naming(to, node));
    set(new Naming(from, null));
  }

  @Override
  public synchronized void delete(Path path) throws IOException {
    if (failDeleteIn > 0 && --failDeleteIn == 0) {
      throw new IOException("injected: delete failed");
    }
    if (names.containsKey(path)) {
      freed(names.get(path));
      set(new Naming(path, null));
    }
    directories.remove(path);
  }

  private void freed(SimulatedFile node) {
    if (node != null && freeBytes != Long.MAX_VALUE) {
      freeBytes += node.length();
    }
  }

  @Override
  public synchronized long freeBytes(Path directory) {
    return freeBytes;
  }

  private void set(Naming naming) {
    name(names, naming);
    unsyncedNames.add(naming);
  }

  private static void name(Map<Path, SimulatedFile> names, Naming naming) {
    if (naming.movedFrom != null) {
      Map<Path, SimulatedFile> moved = new TreeMap<>(names);
      moved.keySet().removeIf(path -> !path.startsWith(naming.movedFrom));
      names.keySet().removeAll(moved.keySet());
      moved.forEach((path, node) -> names.put(new Naming(path, node).after(naming).path, node));
    } else if (naming.node == null) {
      names.remove(naming.path);
    } else {
      names.put(naming.path, naming.node);
    }
  }

  @Override
  public synchronized void syncDirectory(Path directory) throws IOException {
    countSync();
    List<Naming> all = List.copyOf(unsyncedNames);
    unsyncedNames.clear();
    for (Naming naming : all) {
      if (!directory.equals(naming.path.getParent())) {
        unsyncedNames.add(naming);
        continue;
      }
      name(durableNames, naming);
      if (naming.movedFrom != null) {
        unsyncedNames.replaceAll(earlier -> earlier.after(naming));
      }
    }
  }

  private void countSync() throws IOException {
    syncs++;
    if (syncError != null) {
      throw syncError;
    }
    if (failSyncIn > 0 && --failSyncIn == 0) {
      throw new IOException("injected: sync failed");
    }
  }

  @Override
  public synchronized Closeable lock(Path path) {
    if (!locks.add(path)) {
      return null;
    }
    int taken = generation;
    return () -> {
      synchronized (SimulatedDisk.this) {
        if (taken == generation) {
          locks.remove(path);
        }
      }
    };
  }

  /** A handle dies with its process. */
  private final class Handle implements DataFile {
    private final SimulatedFile node;
    private final int opened;
    private boolean closed;

    Handle(SimulatedFile node, int opened) {
      this.node = node;
      this.opened = opened;
    }

    private void alive() throws IOException {
      if (closed || opened != generation) {
        throw new IOException("closed");
      }
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      synchronized (SimulatedDisk.this) {
        alive();
        int length = (int) Math.min(into.remaining(), Math.max(0, node.length() - position));
        into.put(node.bytes(), (int) Math.min(position, node.length()), length);
        return length;
      }
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
      synchronized (SimulatedDisk.this) {
        alive();
        int wanted = from.remaining();
        int allowed = wanted;
        boolean fails = failWriteIn > 0 && --failWriteIn == 0;
        long growth = copies ? wanted : Math.max(0, position + wanted - node.length());
        if (fails) {
          allowed = Math.min(wanted, tornBytes);
        } else if (growth > freeBytes) {
          allowed = (int) Math.max(0, wanted - (growth - freeBytes));
        }
        byte[] bytes = new byte[allowed];
        from.get(bytes);
        long before = node.length();
        node.write(bytes, position);
        if (freeBytes != Long.MAX_VALUE) {
          freeBytes -= node.length() - before;
        }
        if (fails) {
          throw new IOException("injected: write failed");
        }
        if (allowed < wanted) {
          throw new DiskFullException("injected: disk full", null);
        }
      }
    }

    @Override
    public long size() throws IOException {
      synchronized (SimulatedDisk.this) {
        alive();
        return node.length();
      }
    }

    @Override
    public void truncate(long bytes) throws IOException {
      synchronized (SimulatedDisk.this) {
        alive();
        if (failTruncateIn > 0 && --failTruncateIn == 0) {
          throw new IOException("injected: truncate failed");
        }
        if (bytes < node.length()) {
          if (freeBytes != Long.MAX_VALUE) {
            freeBytes += node.length() - bytes;
          }
          node.cut(bytes);
        }
      }
    }

    @Override
    public void sync(boolean metadata) throws IOException {
      synchronized (SimulatedDisk.this) {
        alive();
        boolean done = false;
        try {
          countSync();
          done = true;
        } finally {
          node.sync(done);
        }
      }
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
