package dev.weir.client.internal.spool;

import dev.weir.common.file.DataFile;
import dev.weir.common.file.DataFiles;
import dev.weir.common.file.DiskFullException;
import dev.weir.common.file.TooManyFilesException;
import java.io.Closeable;
import java.io.IOException;
import java.io.SyncFailedException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A disk in memory that knows what is synced. It dies at an operation it is told, and then has what
 * a killed process or a power cut leaves. Owned by one test.
 */
final class FakeDisk implements DataFiles {
  private static final int SECTOR_BYTES = 512;
  private static final int NEVER = -1;

  private final Random random;
  private Map<Path, Node> names = new TreeMap<>();
  private Map<Path, Node> durableNames = new TreeMap<>();
  private final Set<Path> unsyncedNames = new TreeSet<>();
  private final Set<Path> locks = new HashSet<>();
  private int process;
  private int operationsLeft = NEVER;
  private long freeBytes = Long.MAX_VALUE;
  private int syncsToFail;
  private int directorySyncsToFail;
  private int directoryOpensToFail;
  private int syncsLeft = NEVER;
  private Runnable onWrite = () -> {};
  private int readsLeft = NEVER;

  FakeDisk(Random random) {
    this.random = random;
  }

  /** The process, or the machine, is dead: only the disk is left. */
  static final class Dead extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** A change of a file: bytes at a position, or a cut (null). */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares changes
  private record Change(long position, byte[] bytes) {}

  private static final class Node {
    byte[] bytes = {};
    byte[] durable = {};
    final List<Change> unsynced = new ArrayList<>();
  }

  // ---- what tests do

  /** Dies at the nth change from now, in the middle of it. */
  void dieIn(int operations) {
    operationsLeft = operations;
  }

  void live() {
    operationsLeft = NEVER;
    syncsLeft = NEVER;
    directoryOpensToFail = 0;
  }

  /** There is room for so much; what is deleted or cut makes more. */
  void free(long bytes) {
    freeBytes = bytes;
  }

  private void freed(long bytes) {
    if (freeBytes < Long.MAX_VALUE) {
      freeBytes += bytes;
    }
  }

  /** So many syncs from now on fail. */
  void failSyncs(int next) {
    syncsToFail = next;
  }

  /** So many syncs of a directory from now on fail. */
  void failDirectorySyncs(int next) {
    directorySyncsToFail = next;
  }

  /** So many syncs of a directory from now on cannot be tried: it cannot be opened. */
  void failDirectoryOpens(int next) {
    directoryOpensToFail = next;
  }

  /** The nth sync from now fails, of a file or a directory, once in this process. */
  void failSync(int nth) {
    syncsLeft = nth;
  }

  private boolean isSyncToFail() {
    return syncsLeft != NEVER && --syncsLeft == 0;
  }

  /** What happens at the beginning of each write. */
  void onWrite(Runnable task) {
    onWrite = task;
  }

  /** The nth read from now fails, once. */
  void failRead(int nth) {
    readsLeft = nth;
  }

  /** The process is gone, what it wrote is not. */
  void kill() {
    process++;
    locks.clear();
    live();
  }

  /** The machine was cut off: some of what was not synced is gone. */
  void powerCut() {
    kill();
    Map<Path, Node> left = new TreeMap<>(durableNames);
    for (Path path : unsyncedNames) {
      if (random.nextBoolean()) {
        put(left, path, names.get(path)); // a name may reach the disk without a sync
      }
    }
    unsyncedNames.clear();
    names = left;
    durableNames = new TreeMap<>(left);
    for (Node node : names.values()) {
      byte[] bytes = node.durable;
      for (Change change : node.unsynced) {
        bytes = survive(bytes, change);
      }
      node.unsynced.clear();
      node.bytes = bytes;
      node.durable = bytes;
    }
  }

  private static byte[] after(byte[] bytes, Change change) {
    return change.bytes == null
        ? Arrays.copyOf(bytes, (int) Math.min(bytes.length, change.position))
        : written(bytes, change.position, change.bytes, 0, change.bytes.length);
  }

  private byte[] survive(byte[] bytes, Change change) {
    if (change.bytes == null) {
      return random.nextBoolean() ? Arrays.copyOf(bytes, (int) change.position) : bytes;
    }
    byte[] left = bytes;
    for (int at = 0; at < change.bytes.length; at += SECTOR_BYTES) {
      if (random.nextBoolean()) {
        int length = Math.min(SECTOR_BYTES, change.bytes.length - at);
        left = written(left, change.position + at, change.bytes, at, length);
      }
    }
    return left;
  }

  List<Path> paths() {
    return List.copyOf(names.keySet());
  }

  byte[] bytes(Path path) {
    return names.get(path).bytes.clone();
  }

  /** Replaces or deletes (null) a file, durably. */
  void replace(Path path, byte[] bytes) {
    Node node = bytes == null ? null : new Node();
    if (node != null) {
      node.bytes = bytes;
      node.durable = bytes;
    }
    put(names, path, node);
    put(durableNames, path, node);
    unsyncedNames.remove(path);
  }

  FakeDisk copy() {
    FakeDisk copy = new FakeDisk(random);
    names.forEach((path, node) -> copy.replace(path, node.bytes.clone()));
    return copy;
  }

  // ---- what the spool does

  /** Returns whether the change is the last one. */
  private boolean isLast() {
    return operationsLeft != NEVER && operationsLeft-- == 0;
  }

  private void change(Runnable change) {
    boolean last = isLast();
    if (!last || random.nextBoolean()) {
      change.run();
    }
    if (last) {
      throw dead();
    }
  }

  private Dead dead() {
    operationsLeft = 0;
    return new Dead();
  }

  private void name(Path path, Node node) {
    put(names, path, node);
    unsyncedNames.add(path);
  }

  private static void put(Map<Path, Node> to, Path path, Node node) {
    if (node == null) {
      to.remove(path);
    } else {
      to.put(path, node);
    }
  }

  @Override
  public DataFile open(Path path) {
    if (!names.containsKey(path)) {
      change(() -> name(path, new Node()));
    }
    return new Handle(names.get(path), process);
  }

  @Override
  public DataFile openForReading(Path path) throws IOException {
    if (!names.containsKey(path)) {
      throw new NoSuchFileException(path.toString());
    }
    return new Handle(names.get(path), process);
  }

  @Override
  public List<String> list(Path directory) {
    return names.keySet().stream()
        .filter(path -> directory.equals(path.getParent()))
        .map(path -> path.getFileName().toString())
        .sorted()
        .toList();
  }

  @Override
  public void createDirectories(Path directory) {}

  @Override
  public void rename(Path from, Path to) throws IOException {
    if (!names.containsKey(from)) {
      throw new NoSuchFileException(from.toString());
    }
    freed(names.containsKey(to) ? names.get(to).bytes.length : 0);
    change(
        () -> {
          name(to, names.get(from));
          name(from, null);
        });
  }

  @Override
  public void delete(Path path) {
    if (names.containsKey(path)) {
      freed(names.get(path).bytes.length);
      change(() -> name(path, null));
    }
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    if (directoryOpensToFail > 0) {
      directoryOpensToFail--;
      throw new TooManyFilesException("the directory cannot be opened", null);
    }
    if (directorySyncsToFail > 0 || isSyncToFail()) {
      directorySyncsToFail = Math.max(0, directorySyncsToFail - 1);
      unsyncedNames.clear(); // they are taken for clean, and the disk has not got them
      throw new SyncFailedException("sync of the directory failed");
    }
    change(
        () -> {
          unsyncedNames.forEach(path -> put(durableNames, path, names.get(path)));
          unsyncedNames.clear();
        });
  }

  @Override
  public Closeable lock(Path path) {
    if (!locks.add(path)) {
      return null;
    }
    int owner = process;
    return () -> {
      if (owner == process) {
        locks.remove(path);
      }
    };
  }

  private static byte[] written(byte[] bytes, long position, byte[] from, int at, int length) {
    byte[] more = Arrays.copyOf(bytes, (int) Math.max(bytes.length, position + length));
    System.arraycopy(from, at, more, (int) position, length);
    return more;
  }

  /** A handle dies with its process. */
  private final class Handle implements DataFile {
    private final Node node;
    private final int owner;

    Handle(Node node, int owner) {
      this.node = node;
      this.owner = owner;
    }

    private void alive() {
      if (owner != process) {
        throw new IllegalStateException("a dead process used the disk");
      }
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      if (readsLeft != NEVER && --readsLeft == 0) {
        readsLeft = NEVER;
        throw new IOException("too many open files");
      }
      alive();
      int from = (int) Math.min(position, node.bytes.length);
      int length = Math.min(into.remaining(), node.bytes.length - from);
      into.put(node.bytes, from, length);
      return length;
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
      alive();
      onWrite.run();
      boolean last = isLast();
      int wanted = from.remaining();
      long growth = Math.max(0, position + wanted - node.bytes.length);
      int length = last ? random.nextInt(wanted + 1) : wanted;
      boolean full = growth > freeBytes;
      if (full) {
        length = (int) Math.min(length, Math.max(0, wanted - (growth - freeBytes)));
      }
      byte[] bytes = new byte[length];
      from.get(bytes);
      freed(node.bytes.length - Math.max(node.bytes.length, position + length));
      node.bytes = FakeDisk.written(node.bytes, position, bytes, 0, length);
      node.unsynced.add(new Change(position, bytes));
      if (last) {
        throw dead();
      }
      if (full) {
        throw new DiskFullException("no space", null);
      }
    }

    @Override
    public long size() {
      return node.bytes.length;
    }

    @Override
    public void truncate(long bytes) {
      alive();
      change(
          () -> {
            if (bytes < node.bytes.length) {
              freed(node.bytes.length - bytes);
              node.bytes = Arrays.copyOf(node.bytes, (int) bytes);
              node.unsynced.add(new Change(bytes, null));
            }
          });
    }

    @Override
    public void sync(boolean metadata) throws IOException {
      alive();
      if (syncsToFail > 0 || isSyncToFail()) {
        syncsToFail = Math.max(0, syncsToFail - 1);
        node.unsynced.clear(); // the pages are clean, and the disk has not got them
        throw new IOException("sync failed");
      }
      change(
          () -> {
            node.unsynced.forEach(change -> node.durable = after(node.durable, change));
            node.unsynced.clear();
          });
    }

    @Override
    public void close() {}
  }
}
