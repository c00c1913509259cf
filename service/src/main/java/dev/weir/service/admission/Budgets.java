package dev.weir.service.admission;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Everything that peers can make a server hold, as accounts of bytes of heap, bytes of direct
 * memory and files. The heap's budgets together are at most {@value #POOL_PARTS} of {@value #PARTS}
 * parts of the usable heap, which is the heap less what a server without peers takes; the rest is
 * head-room for the collector. Recent records (the tail) give way first: they may take what the
 * others leave, and at least {@value #TAIL_PARTS_LEAST} part. Snapshots may take what is left
 * without counting the tail. A configured limit replaces the part of its budget and takes nothing
 * from the others, so that the head-room is less by what is more: {@link #beyond} says where there
 * is none. Thread-safe.
 *
 * @param publish what publishers have sent
 * @param unsent what connections have not taken yet
 * @param requests what unary calls have sent
 * @param sessions open calls, subscriptions, selectors, views, and clients with quotas
 * @param catalog topics, sensors, producers, committed cursors, and last values of numbers
 * @param latest TEXTs and BLOBs kept as last values
 * @param memoryLog records of MEMORY topics
 * @param snapshots last values of the past, for snapshots that are not read yet
 * @param blocks parts of the log read for subscribers that catch up, and indexes of segments
 * @param tail recent records of other topics, and what views encoded
 * @param arriving messages whose end has not arrived; direct memory
 * @param files files and connections that are open
 */
public record Budgets(
    Budget publish,
    Budget unsent,
    Budget requests,
    Budget sessions,
    Budget catalog,
    Budget latest,
    Budget memoryLog,
    Budget snapshots,
    Budget blocks,
    Budget tail,
    Budget arriving,
    Budget files) {
  /** Heap of a server that serves nobody, and of what its threads work on for a moment. */
  private static final long BASE_BYTES = 24 << 20;

  /** A small heap keeps most of itself for peers. */
  private static final int BASE_PART_MOST = 4;

  /**
   * Bytes that the collector has at least, if that leaves half of the heap to budgets: with less, a
   * server whose budgets are full collects all the time.
   */
  private static final long HEAD_ROOM_BYTES_LEAST = 100 << 20;

  private static final int PARTS = 64;
  private static final int POOL_PARTS = 50;
  private static final int TAIL_PARTS_LEAST = 1;
  private static final int TAIL_PARTS_MOST = 16;
  private static final int SNAPSHOT_PARTS_LEAST = 1;
  private static final int SNAPSHOT_PARTS_MOST = 4;

  /** Two budgets are of direct memory; connections' own buffers have the other half. */
  private static final int DIRECT_BUDGETS_PART = 4;

  /**
   * The budgets of a server.
   *
   * @param heapBytes greatest heap of the process
   * @param directBytes greatest direct memory of the process
   * @param filesMax files that the process may have open
   */
  public static Budgets of(Limits limits, long heapBytes, long directBytes, long filesMax) {
    long part = usable(heapBytes) / PARTS;
    Budget publish = fixed(limits, Limit.PUBLISH_BUDGET_BYTES, 5 * part);
    // What is given to a connection is copied into direct memory until it is sent.
    Budget unsent =
        fixed(
            limits,
            Limit.UNSENT_BUDGET_BYTES,
            Math.min(5 * part, directBytes / DIRECT_BUDGETS_PART));
    Budget requests = fixed(limits, Limit.REQUEST_BUDGET_BYTES, 2 * part);
    Budget sessions = fixed(limits, Limit.SESSION_BUDGET_BYTES, 12 * part);
    Budget catalog = fixed(limits, Limit.CATALOG_BUDGET_BYTES, 13 * part);
    Budget latest =
        fixed(limits, Limit.LATEST_BYTES_MAX, Math.min(3 * part, Limit.LATEST_BYTES_MAX.max()));
    Budget memoryLog = fixed(limits, Limit.MEMORY_LOG_BYTES, 5 * part);
    Budget blocks = fixed(limits, Limit.CATCHUP_BLOCK_BYTES, 3 * part);
    List<Budget> others =
        List.of(publish, unsent, requests, sessions, catalog, latest, memoryLog, blocks);
    Budget snapshots =
        rest(
            limits,
            Limit.SNAPSHOT_BUDGET_BYTES,
            () -> left(part, others),
            SNAPSHOT_PARTS_LEAST * part,
            SNAPSHOT_PARTS_MOST * part);
    Budget tail =
        rest(
            limits,
            Limit.TAIL_BYTES,
            () -> left(part, others) - snapshots.used(),
            TAIL_PARTS_LEAST * part,
            TAIL_PARTS_MOST * part);
    return new Budgets(
        publish,
        unsent,
        requests,
        sessions,
        catalog,
        latest,
        memoryLog,
        snapshots,
        blocks,
        tail,
        fixed(limits, Limit.ARRIVING_BUDGET_BYTES, directBytes / DIRECT_BUDGETS_PART),
        new Budget(Limit.OPEN_FILES_MAX.yamlName(), "files", () -> files(limits, filesMax)));
  }

  /** Returns the bytes of a heap that are divided among budgets and head-room. */
  private static long usable(long heapBytes) {
    long bytes = heapBytes - Math.min(BASE_BYTES, heapBytes / BASE_PART_MOST);
    long pool = Math.max(bytes / 2, bytes - HEAD_ROOM_BYTES_LEAST);
    return Math.min(bytes, pool / POOL_PARTS * PARTS);
  }

  private static long left(long part, List<Budget> others) {
    long free = POOL_PARTS * part;
    for (Budget other : others) {
      free -= other.used();
    }
    return free;
  }

  /** A budget of what others leave of the pool, within bounds. */
  private static Budget rest(Limits limits, Limit limit, LongSupplier left, long least, long most) {
    long set = limits.get(limit);
    return set > 0
        ? new Budget(limit.yamlName(), set)
        : new Budget(
            limit.yamlName(), "bytes", () -> Math.max(least, Math.min(most, left.getAsLong())));
  }

  private static long files(Limits limits, long filesMax) {
    long set = limits.get(Limit.OPEN_FILES_MAX);
    return set > 0 ? set : filesMax;
  }

  private static Budget fixed(Limits limits, Limit limit, long otherwise) {
    long set = limits.get(limit);
    return new Budget(limit.yamlName(), set > 0 ? set : otherwise);
  }

  /** Returns a warning where the budgets of the heap together are more than the heap. */
  public Optional<String> beyond(Limits limits, long heapBytes) {
    long part = usable(heapBytes) / PARTS;
    long tailSet = limits.get(Limit.TAIL_BYTES);
    long tailBytes = tailSet > 0 ? tailSet : part * TAIL_PARTS_LEAST; // it gives way
    long snapshotSet = limits.get(Limit.SNAPSHOT_BUDGET_BYTES);
    long snapshotBytes = snapshotSet > 0 ? snapshotSet : part * SNAPSHOT_PARTS_LEAST; // so do they
    BigInteger sum = BigInteger.valueOf(tailBytes).add(BigInteger.valueOf(snapshotBytes));
    for (Budget one :
        List.of(publish, unsent, requests, sessions, catalog, latest, memoryLog, blocks)) {
      sum = sum.add(BigInteger.valueOf(one.max()));
    }
    return sum.compareTo(BigInteger.valueOf(usable(heapBytes))) <= 0
        ? Optional.empty()
        : Optional.of(
            String.format(
                "The budgets of memory in the configuration are %d bytes together, and the heap"
                    + " (-Xmx, %d) has room for %d. The process may end with code 3 before they"
                    + " refuse anything. Raise the heap to %d bytes, or lower them; GetServerInfo"
                    + " lists them.",
                sum,
                heapBytes,
                usable(heapBytes),
                sum.multiply(BigInteger.valueOf(PARTS))
                    .divide(BigInteger.valueOf(POOL_PARTS))
                    .max(sum.add(BigInteger.valueOf(HEAD_ROOM_BYTES_LEAST)))
                    .add(BigInteger.valueOf(BASE_BYTES))));
  }

  /** All of them, in the order in which they are told. */
  public List<Budget> all() {
    return List.of(
        publish, unsent, requests, sessions, catalog, latest, memoryLog, snapshots, blocks, tail,
        arriving, files);
  }
}
