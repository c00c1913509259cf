package dev.weir.service.log.segment;

import dev.weir.common.file.DataFiles;
import dev.weir.common.file.TooManyFilesException;
import java.io.IOException;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Which partitions have the file open that they append to: so many at most, and fewer where the
 * process has few files left. Beyond, one that was not appended to lately closes its file, and
 * opens it again with its next append. Thread-safe; holds no lock while a file is closed.
 */
final class ActiveFileLimiter {
  /** So many stay open however few files are left, or every append would open one. */
  private static final int LEAST = 8;

  private static final int OPEN_TRIES = 4;

  /** A partition with an open file. */
  interface Holder {
    /** Returns whether it was appended to since this was asked last. */
    boolean usedSinceAsked();

    /** Closes its file; false where something is being appended. May block on disk. */
    boolean tryShut();
  }

  /** Opens files, and may be done again where there were too many. */
  @FunctionalInterface
  interface Opening<T> {
    /** Opens them and does what they are needed for. */
    T done() throws IOException;
  }

  private final DataFiles files;
  private final int most;
  private final Set<Holder> open = new LinkedHashSet<>(); // guarded by this, as the next
  private final Set<Holder> asked = new HashSet<>(); // by somebody who may close their file

  /**
   * None is open yet.
   *
   * @param most how many may be open
   */
  ActiveFileLimiter(DataFiles files, int most) {
    this.files = files;
    this.most = most;
  }

  /**
   * Makes room for one more that is about to be opened, and counts it. Where the process has few
   * files left, the number stays as it is. May block on disk.
   */
  void enter(Holder holder) {
    while (count() >= most && shutOne()) {
      // one more is closed
    }
    if (count() >= LEAST && files.fewLeft()) {
      shutOne();
    }
    synchronized (this) {
      asked.remove(holder); // who closed its file does not know that it is open again
      open.add(holder);
    }
  }

  /**
   * Does something that opens files. Where there are too many, a partition that was not appended to
   * lately closes its file, and it is done again. The caller holds no lock that a holder may wait
   * for. May block on disk.
   *
   * @throws TooManyFilesException if no partition could close its file, or others take what is
   *     closed
   */
  <T> T withRoom(Opening<T> opening) throws IOException {
    for (int tries = 1; ; tries++) {
      try {
        return opening.done();
      } catch (TooManyFilesException e) {
        if (tries == OPEN_TRIES || !shutOne()) {
          throw e;
        }
      }
    }
  }

  /** Closes the file of one that was not appended to lately; false where all are in use. */
  boolean shutOne() {
    for (int looks = looks(); looks > 0; looks--) {
      Holder oldest = takeOldest();
      if (oldest == null) {
        return false;
      }
      boolean shut = !oldest.usedSinceAsked() && oldest.tryShut();
      synchronized (this) {
        if (asked.remove(oldest) && !shut) { // else it has left meanwhile, or come again
          open.add(oldest);
        }
      }
      if (shut) {
        return true;
      }
    }
    return false;
  }

  private synchronized Holder takeOldest() {
    Iterator<Holder> inOrder = open.iterator();
    if (!inOrder.hasNext()) {
      return null;
    }
    Holder oldest = inOrder.next();
    inOrder.remove();
    asked.add(oldest);
    return oldest;
  }

  /** Enough for each to be asked twice: the first time, all may have been used. */
  private synchronized int looks() {
    return 2 * open.size();
  }

  /** Its file is closed for good. Nothing where it is closed already. */
  synchronized void leave(Holder holder) {
    open.remove(holder);
    asked.remove(holder);
  }

  /** Returns the number of open ones. */
  synchronized int count() {
    return open.size() + asked.size();
  }
}
