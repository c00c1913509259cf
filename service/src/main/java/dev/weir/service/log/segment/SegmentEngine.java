package dev.weir.service.log.segment;

import dev.weir.common.file.DataFiles;
import dev.weir.common.file.DiskFullException;
import dev.weir.common.file.NioDataFiles;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.log.DirectoryInUseException;
import dev.weir.service.log.InspectedPartition;
import dev.weir.service.log.LogEngine;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.segment.file.CountedFiles;
import dev.weir.service.log.segment.file.PartitionDirectory;
import dev.weir.service.log.segment.file.PartitionEpochs;
import dev.weir.service.log.segment.file.SegmentEvent;
import dev.weir.service.log.segment.file.SegmentOptions;
import dev.weir.service.log.segment.file.StartNumber;
import dev.weir.service.log.segment.file.Watermark;
import dev.weir.service.log.segment.inspect.InspectedPartitionFiles;
import dev.weir.service.log.segment.read.SegmentReadCaches;
import dev.weir.service.log.segment.recovery.PartitionScan;
import dev.weir.v1.Durability;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * The embedded engine: the partitions of one data directory. Thread-safe; owns the directory's lock
 * and start number until it is closed.
 */
public final class SegmentEngine implements LogEngine {
  /** The interval at which it looks at the disk. */
  private static final Duration TICK_PERIOD = Duration.ofSeconds(1);

  private final Path dataDir;
  private final EngineContext store;
  private final Closeable lock;
  private final StartNumber start; // guarded by this, as all below but what is atomic
  private final RandomGenerator random;
  private final Duration bufferedSyncPeriod;
  private final boolean unused; // so that the system partition may be made
  private final AtomicLong checkedBytes = new AtomicLong();
  private final Set<PartitionId> taken = new HashSet<>();
  private final Set<PartitionId> claimedBefore = new HashSet<>();
  private final Set<PartitionId> poisoned = new HashSet<>();
  private final Map<PartitionId, SegmentLog> logs = new HashMap<>();

  private SegmentEngine(
      Path dataDir,
      EngineContext store,
      Closeable lock,
      StartNumber start,
      boolean unused,
      Setting setting) {
    this.dataDir = dataDir;
    this.store = store;
    this.lock = lock;
    this.start = start;
    this.unused = unused;
    this.random = setting.random();
    this.bufferedSyncPeriod = setting.bufferedSyncPeriod();
  }

  /**
   * What an engine works with.
   *
   * @param epochNanosClock Unix nanoseconds
   * @param random makes epochs and salts unlike any other's
   * @param syncPool runs the syncs of appends, which block; as many at once as it has threads
   * @param events told what an operator should know; must not block
   * @param readMemory bytes of what is read for those who follow the log
   * @param openFiles files that are open
   * @param bufferedSyncPeriod how often buffered partitions are synced
   */
  public record Setting(
      LongSupplier epochNanosClock,
      RandomGenerator random,
      Executor syncPool,
      Consumer<SegmentEvent> events,
      Budget readMemory,
      Budget openFiles,
      Duration bufferedSyncPeriod) {}

  /**
   * An engine with budgets of its own: 16 MiB to read, and 1,024 files; buffered partitions are
   * synced every second. See the other one.
   */
  public static SegmentEngine open(
      Path dataDir,
      DataFiles files,
      SegmentOptions options,
      LongSupplier epochNanosClock,
      RandomGenerator random,
      Executor syncPool,
      Consumer<SegmentEvent> events)
      throws IOException {
    Budget memory = new Budget("catchup_block_bytes", 1 << 24);
    Budget openFiles = new Budget("open_files_max", "files", () -> 1L << 10);
    return open(
        dataDir,
        files,
        options,
        new Setting(epochNanosClock, random, syncPool, events, memory, openFiles, TICK_PERIOD));
  }

  /**
   * Takes a data directory, making it where it is missing, and raises its start number. Blocks.
   *
   * @param dataDir the directory
   * @param disk the way to the disk: {@link NioDataFiles} outside tests
   * @param options the bounds
   * @param setting what else it works with
   * @throws DirectoryInUseException if another process has the directory
   * @throws dev.weir.service.log.DataLossException if the start number is lost
   */
  public static SegmentEngine open(
      Path dataDir, DataFiles disk, SegmentOptions options, Setting setting) throws IOException {
    Consumer<SegmentEvent> events = setting.events();
    DataFiles files = new CountedFiles(disk, setting.openFiles());
    files.createDirectories(dataDir);
    Path lockFile = dataDir.resolve(PartitionDirectory.LOCK_NAME);
    Closeable lock = files.lock(lockFile);
    if (lock == null) {
      throw new DirectoryInUseException(dataDir, lockFile);
    }
    try {
      var reserve = new DiskReserve(files, dataDir, options.reserveBytes(), events);
      StartNumber start = StartNumber.read(files, dataDir);
      boolean unused = PartitionDirectory.unused(files, dataDir, start.number() == 0);
      start.raise(0);
      PartitionDirectory.sweepDeleted(
          files, dataDir, (directory, why) -> events.accept(unswept(directory, why)));
      EngineContext store =
          new EngineContext(
              files,
              reserve,
              options,
              setting.epochNanosClock(),
              setting.syncPool(),
              events,
              SegmentReadCaches.of(files, options, setting.readMemory(), setting.openFiles()),
              new ActiveFileLimiter(files, options.activeFilesMax()),
              ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(options.stagingBytes())));
      return new SegmentEngine(dataDir, store, lock, start, unused, setting);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static SegmentEvent unswept(Path directory, IOException why) {
    return new SegmentEvent(
        SegmentEvent.Kind.LEFTOVER,
        PartitionId.SYSTEM,
        directory
            + ": what is left there of deleted partitions cannot be deleted; the next start tries"
            + " again: "
            + why);
  }

  /**
   * Lists the partitions of a directory to look into, without taking it: nothing is changed, and a
   * server may be running on it.
   */
  public static List<InspectedPartition> inspect(Path dataDir, DataFiles files) throws IOException {
    return InspectedPartitionFiles.all(dataDir, files);
  }

  @Override
  public String name() {
    return SegmentEngineProvider.NAME;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if the partition is claimed and not closed
   * @throws IOException also after a failed sync of the partition: only a restart helps then
   */
  @Override
  public PartitionLog claim(PartitionId id, boolean mayMake) throws IOException {
    return claim(id, mayMake, false);
  }

  @Override
  public LogEngine withDurability(Durability durability) {
    return durability == Durability.DURABILITY_BUFFERED ? buffered() : this;
  }

  /**
   * The same store for partitions of durability BUFFERED: what it calls committed is in the
   * operating system's hands, and synced by {@link #syncBuffered} or once there is more of it than
   * the options permit. Closing it does nothing.
   */
  public LogEngine buffered() {
    return new BufferedEngine(this);
  }

  /** {@link #claim} of a partition that is, or is not, committed before its sync. */
  PartitionLog claim(PartitionId id, boolean mayMake, boolean buffered) throws IOException {
    PartitionDirectory directory = PartitionDirectory.of(store.files(), dataDir, id);
    take(id);
    try {
      boolean make = mayMake && (unused || !id.equals(PartitionId.SYSTEM));
      SegmentLog log = store.activeFiles().withRoom(() -> recover(directory, make, buffered));
      synchronized (this) {
        logs.put(id, log);
      }
      return log;
    } catch (IOException | RuntimeException e) {
      synchronized (this) {
        taken.remove(id);
      }
      if (e instanceof DiskFullException) {
        store.reserve().release(); // who claims tries again
      }
      throw e;
    }
  }

  private synchronized void take(PartitionId id) throws IOException {
    if (poisoned.contains(id)) {
      throw new IOException(id + " failed to sync: restart the server to use it again");
    }
    if (!taken.add(id)) {
      throw new IllegalStateException(id + " is claimed already");
    }
  }

  private SegmentLog recover(PartitionDirectory directory, boolean make, boolean buffered)
      throws IOException {
    if (make) {
      store.files().createDirectories(directory.path());
    } else {
      directory.requireMade();
    }
    PartitionRecovery.sweep(directory);
    Path path = directory.path().resolve(PartitionDirectory.WATERMARK_NAME);
    Watermark.Slots watermark = new Watermark.Slots(store.files(), path);
    PartitionScan findings = PartitionScan.of(directory, watermark.newest(), store.options());
    long newest = findings == null ? 0 : findings.newestEpoch();
    checkedBytes.addAndGet(findings == null ? 0 : findings.scan().fileBytes());
    if (watermark.newest() != null) {
      newest = Math.max(newest, watermark.newest().epoch());
    }
    PartitionId id = directory.partition();
    // An earlier try may have left it empty, and not durable: it is made anew.
    boolean anew = make && findings != null && findings.holdsNothing();
    return new PartitionRecovery(store, directory, nextEpoch(id, newest), watermark)
        .run(anew ? null : findings, random, buffered, () -> release(id));
  }

  /** A start gives each partition one epoch; who claims again, or was ahead, needs another one. */
  private synchronized long nextEpoch(PartitionId id, long newest) throws IOException {
    if (!claimedBefore.add(id) || PartitionEpochs.startNumber(newest) >= start.number()) {
      start.raise(PartitionEpochs.startNumber(newest));
    }
    return PartitionEpochs.of(start.number(), random.nextLong());
  }

  @Override
  public long newEpoch(PartitionId id) throws IOException {
    return nextEpoch(id, 0);
  }

  @Override
  public void delete(PartitionId id) throws IOException {
    PartitionDirectory directory = PartitionDirectory.of(store.files(), dataDir, id);
    synchronized (this) {
      if (!taken.add(id)) {
        throw new IllegalStateException(id + " is claimed");
      }
    }
    boolean deleted = false;
    try {
      directory.delete();
      deleted = true;
    } finally {
      freed(id, deleted);
    }
  }

  @Override
  public void sweep(Set<String> logs) {
    OrphanedPartitions.sweep(store, dataDir, logs);
  }

  private synchronized void freed(PartitionId id, boolean deleted) {
    if (deleted) {
      poisoned.remove(id);
    }
    taken.remove(id);
  }

  private synchronized void release(PartitionId id) {
    if (logs.remove(id).poisoned()) {
      poisoned.add(id);
    }
    taken.remove(id);
  }

  /** {@inheritDoc} Claims check of each partition the last segment. */
  @Override
  public Health health() {
    DiskReserve reserve = store.reserve();
    return new Health(reserve.freeBytes(), reserve.reached(), checkedBytes.get());
  }

  @Override
  public List<BackgroundTask> background() {
    return List.of(
        new BackgroundTask(TICK_PERIOD, true, this::tick),
        new BackgroundTask(bufferedSyncPeriod, false, this::syncBuffered));
  }

  /**
   * Looks at the disk, gives back what readers do not use, and repeats what is synced in the
   * watermark files of partitions that have moved on. Called about once a second. Blocks; two
   * threads are enough for one to go round a partition at whose watermark the other one hangs.
   */
  public void tick() {
    store.reserve().tick();
    store.reads().tick();
    claimed().forEach(SegmentLog::tick);
  }

  /**
   * Has all buffered partitions synced that are not, by the sync pool. Called as often as their
   * durability says; does not block.
   */
  public void syncBuffered() {
    claimed().forEach(SegmentLog::syncLater);
  }

  private synchronized List<SegmentLog> claimed() {
    return List.copyOf(logs.values());
  }

  /** Closes the partitions still claimed, whose writers must be done, and gives the lock back. */
  @Override
  public void close() throws IOException {
    IOException failed = null;
    for (SegmentLog log : claimed()) {
      try {
        log.close();
      } catch (IOException e) {
        failed = e;
      }
    }
    store.reserve().close();
    store.reads().close();
    lock.close();
    if (failed != null) {
      throw failed;
    }
  }
}
