package dev.weir.service.log.segment.read;

import dev.weir.common.file.ReadableFile;
import dev.weir.service.core.budget.Budget;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Files that are open for reading, each once, however many read it; and only while somebody reads,
 * or for some seconds after. Thread-safe; no file is opened, read or closed under its lock.
 *
 * <p>Where all open files are being read and no more are to be had, one more is opened all the
 * same: one for each thread that reads is what the budget can be exceeded by.
 */
public final class FilePool {
  /** Opens a file that exists. */
  @FunctionalInterface
  public interface Opener {
    /**
     * Opens it for reading.
     *
     * @throws NoSuchFileException if it does not exist
     */
    ReadableFile open(Path path) throws IOException;
  }

  /** A part of all files that may be open. */
  private static final int FILES_PART = 16;

  private static final int FILES_LEAST = 4;
  private static final int IDLE_TICKS = 5;
  private static final int ATTEMPTS = 3;

  /** A file that is open; all of it but the file is guarded by the pool. */
  private static final class Entry {
    private final Path path;
    private final ReadableFile file;
    private int users = 1;
    private boolean pooled = true;
    private long usedAtTick;

    Entry(Path path, ReadableFile file) {
      this.path = path;
      this.file = file;
    }
  }

  /** Does something with an open file. */
  @FunctionalInterface
  private interface Reading {
    long read(ReadableFile file) throws IOException;
  }

  private final Opener opener;
  private final Budget files;
  private final Map<Path, Entry> entries = new LinkedHashMap<>(16, 0.75f, true); // guarded by this
  private final LongAdder failedCloses = new LongAdder();
  private int open; // with those that are being opened; guarded by this
  private long tick; // guarded by this
  private boolean closed; // guarded by this

  /** A pool without files, in a budget of files that others open too. */
  public FilePool(Opener opener, Budget files) {
    this.opener = opener;
    this.files = files;
  }

  /** A file, which is open only while it is read; closing it does nothing. */
  public ReadableFile file(Path path) {
    return new ReadableFile() {
      @Override
      public int read(ByteBuffer into, long position) throws IOException {
        int from = into.position();
        return (int)
            with(
                path,
                file -> {
                  into.position(from);
                  return file.read(into, position);
                });
      }

      @Override
      public long size() throws IOException {
        return with(path, ReadableFile::size);
      }

      @Override
      public void close() {
        // It holds nothing.
      }
    };
  }

  /** A thread that is interrupted while it reads closes the file under all who read it. */
  private long with(Path path, Reading reading) throws IOException {
    for (int attempt = 1; ; attempt++) {
      Entry entry = use(path);
      try {
        return reading.read(entry.file);
      } catch (ClosedChannelException interrupted) {
        remove(entry);
        if (attempt == ATTEMPTS || Thread.currentThread().isInterrupted()) {
          throw interrupted;
        }
      } finally {
        release(entry);
      }
    }
  }

  private Entry use(Path path) throws IOException {
    Entry there = find(path);
    if (there != null) {
      return there;
    }
    Entry made = open(path);
    synchronized (this) {
      there = find(path);
      if (there == null) {
        made.usedAtTick = tick;
        made.pooled = !closed;
        if (made.pooled) {
          entries.put(path, made);
        }
        return made;
      }
    }
    close(made); // another thread was faster
    return there;
  }

  private synchronized Entry find(Path path) {
    Entry there = entries.get(path);
    if (there != null) {
      there.users++;
      there.usedAtTick = tick;
    }
    return there;
  }

  private Entry open(Path path) throws IOException {
    for (Entry idle = idleForOneMore(); idle != null; idle = idleForOneMore()) {
      close(idle);
    }
    Entry made = null;
    try {
      made = new Entry(path, opened(path));
      return made;
    } finally {
      if (made == null) {
        closedOne();
      }
    }
  }

  /** Where the process has no descriptor left, those that nobody reads now make room for it. */
  private ReadableFile opened(Path path) throws IOException {
    try {
      return opener.open(path);
    } catch (NoSuchFileException gone) {
      throw gone;
    } catch (IOException failed) {
      List<Entry> idle = takeIdle(Long.MAX_VALUE);
      if (idle.isEmpty()) {
        throw failed;
      }
      idle.forEach(this::close);
      return opener.open(path);
    }
  }

  /** Counts one more file, or gives one that is to be closed first. */
  private synchronized Entry idleForOneMore() {
    long most = Math.max(FILES_LEAST, files.max() / FILES_PART);
    if (open < most && files.takeIfFree(1)) {
      open++;
      return null;
    }
    for (Entry entry : entries.values()) {
      if (entry.users == 0) {
        entries.remove(entry.path);
        return entry;
      }
    }
    files.take(1); // each reader is served
    open++;
    return null;
  }

  private synchronized void closedOne() {
    open--;
    files.giveBack(1);
  }

  /** What fails here loses nothing: the file was only read. */
  private void close(Entry entry) {
    try {
      entry.file.close();
    } catch (IOException unread) {
      failedCloses.increment();
    } finally {
      closedOne();
    }
  }

  private void release(Entry entry) {
    boolean last;
    synchronized (this) {
      last = --entry.users == 0 && !entry.pooled;
    }
    if (last) {
      close(entry);
    }
  }

  /** Whoever reads it goes on, and closes it; who comes later opens it anew. */
  private synchronized void remove(Entry entry) {
    if (entry.pooled) {
      entry.pooled = false;
      entries.remove(entry.path);
    }
  }

  /** Closes a file that was deleted, so that its space is free; at once if nobody reads it now. */
  public void forget(Path path) {
    Entry idle = null;
    synchronized (this) {
      Entry entry = entries.get(path);
      if (entry != null) {
        remove(entry);
        idle = entry.users == 0 ? entry : null;
      }
    }
    if (idle != null) {
      close(idle);
    }
  }

  /** Closes what was not read for {@value #IDLE_TICKS} ticks; called about once a second. */
  public void tick() {
    long before;
    synchronized (this) {
      tick++;
      before = tick - IDLE_TICKS;
    }
    takeIdle(before).forEach(this::close);
  }

  /** Takes those out that nobody reads, and nobody has since a tick. */
  private synchronized List<Entry> takeIdle(long beforeTick) {
    List<Entry> idle = new ArrayList<>();
    for (Iterator<Entry> all = entries.values().iterator(); all.hasNext(); ) {
      Entry entry = all.next();
      if (entry.users == 0 && entry.usedAtTick < beforeTick) {
        idle.add(entry);
        all.remove();
      }
    }
    return idle;
  }

  /** Closes everything; what is being read when that is done. */
  public void close() {
    synchronized (this) {
      closed = true;
    }
    takeIdle(Long.MAX_VALUE).forEach(this::close);
    synchronized (this) {
      entries.values().forEach(entry -> entry.pooled = false);
      entries.clear();
    }
  }

  /** Returns the number of open files. */
  public synchronized int open() {
    return open;
  }

  /** Returns the number of files that could not be closed in order. */
  public long failedCloses() {
    return failedCloses.sum();
  }
}
