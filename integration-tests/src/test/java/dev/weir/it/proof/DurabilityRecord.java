package dev.weir.it.proof;

import com.google.common.collect.Range;
import com.google.common.collect.RangeSet;
import com.google.common.collect.TreeRangeSet;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Records which bytes of each file were durable at which line of a trace: bytes whose write had
 * ended before a sync of the same file began that ended well, in a file whose name was synced with
 * its directory. Owned by the audit.
 */
final class DurabilityRecord implements StraceFile.Reader {
  private static final class Book {
    final RangeSet<Long> written = TreeRangeSet.create();
    final RangeSet<Long> synced = TreeRangeSet.create();
    final List<Claim> waiting = new ArrayList<>();
    boolean created;
    boolean named;
  }

  /** Bytes that somebody wants to know about. */
  static final class Claim {
    private final Range<Long> bytes;
    private long durableAt = Long.MAX_VALUE;

    private Claim(Range<Long> bytes) {
      this.bytes = bytes;
    }

    /** The line by which they were durable; Long.MAX_VALUE for never. */
    long durableAt() {
      return durableAt;
    }
  }

  private final Map<String, Book> books = new HashMap<>();
  private final Map<String, RangeSet<Long>> syncing = new HashMap<>();
  private final Map<String, Set<String>> naming = new HashMap<>();
  private long syncs;
  private long failed;

  /** A file that was there, under its name, before the trace begins. */
  void wasThere(String path) {
    book(path).named = true;
  }

  /** Asks when a record becomes durable; before the trace is read. */
  Claim claim(RecordLocation place) {
    Claim claim = new Claim(Range.closedOpen((long) place.from(), (long) place.to()));
    book(place.path()).waiting.add(claim);
    return claim;
  }

  private Book book(String path) {
    return books.computeIfAbsent(path, missing -> new Book());
  }

  private static boolean isSync(SystemCall call) {
    return call.name().equals("fdatasync") || call.name().equals("fsync");
  }

  private static String key(SystemCall call) {
    return call.entered() + call.name() + call.target();
  }

  @Override
  public void onEntered(SystemCall call) {
    if (isSync(call)) {
      String target = call.target();
      if (books.containsKey(target)) {
        syncing.put(key(call), TreeRangeSet.create(book(target).written));
      } else {
        Set<String> names = new HashSet<>(books.keySet());
        names.removeIf(path -> !path.startsWith(target + "/") || !book(path).created);
        naming.put(key(call), names);
      }
    }
  }

  @Override
  public void onLeft(SystemCall call) {
    if (call.result() < 0) {
      failed += call.name().equals("fdatasync") || call.name().equals("pwrite64") ? 1 : 0;
      syncing.remove(key(call));
      naming.remove(key(call));
      return;
    }
    if (isSync(call)) {
      synced(call);
    } else if (call.name().equals("pwrite64")) {
      long position = call.numbers().get(1);
      book(call.target()).written.add(Range.closedOpen(position, position + call.result()));
    } else if (call.name().equals("ftruncate")) {
      truncated(call);
    } else if (call.name().equals("openat") && call.arguments().contains("O_CREAT")) {
      book(new String(call.bytes(), StandardCharsets.UTF_8)).created = true;
    }
  }

  private void synced(SystemCall call) {
    syncs++;
    RangeSet<Long> written = syncing.remove(key(call));
    if (written != null) {
      Book book = book(call.target());
      book.synced.addAll(written);
      settle(book, call.left());
      return;
    }
    for (String path : naming.remove(key(call))) {
      book(path).named = true;
      settle(book(path), call.left());
    }
  }

  private static void settle(Book book, long line) {
    if (book.named) {
      book.waiting.removeIf(
          claim -> {
            boolean durable = book.synced.encloses(claim.bytes);
            claim.durableAt = durable ? line : claim.durableAt;
            return durable;
          });
    }
  }

  private void truncated(SystemCall call) {
    List<Long> numbers = call.numbers();
    Range<Long> gone = Range.atLeast(numbers.get(numbers.size() - 1));
    book(call.target()).written.remove(gone);
    book(call.target()).synced.remove(gone);
  }

  /** Syncs that ended well. */
  long syncs() {
    return syncs;
  }

  /** Writes and syncs of data that failed. */
  long failed() {
    return failed;
  }
}
