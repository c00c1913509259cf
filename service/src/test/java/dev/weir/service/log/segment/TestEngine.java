package dev.weir.service.log.segment;

import dev.weir.common.file.DataFiles;
import dev.weir.service.log.InspectedPartition;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.segment.file.SegmentEvent;
import dev.weir.service.log.segment.file.SegmentOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.function.UnaryOperator;

/** An engine on a faulty disk, and one partition of it. Owned by one test. */
final class TestEngine {
  static final Path DATA = Path.of("/data");
  static final PartitionId PARTITION = new PartitionId("00000000000000ab", 0);
  static final Path DIRECTORY = DATA.resolve("topics/00000000000000ab/0");
  static final SegmentOptions SMALL =
      new SegmentOptions(2_048, 512, 2, 1_024, 1_024, 1 << 20, 1_000);

  final SimulatedDisk files;
  final SegmentOptions options;
  final List<SegmentEvent> events = new ArrayList<>();
  final Queue<Runnable> heldSyncs = new ArrayDeque<>();
  boolean holdSyncs;
  private boolean buffered;
  Runnable insteadOfSyncs; // null: none
  UnaryOperator<DataFiles> through = files -> files; // what lies between the engine and the files
  SegmentEngine engine;
  long nowNanos = 7;
  final Random random = new Random(5);

  TestEngine(SimulatedDisk files, SegmentOptions options) {
    this.files = files;
    this.options = options;
  }

  TestEngine() {
    this(new SimulatedDisk(), SMALL);
  }

  /** The same with a partition that is committed before its sync. */
  static TestEngine buffered(SegmentOptions options) {
    TestEngine disk = new TestEngine(new SimulatedDisk(), options);
    disk.buffered = true;
    return disk;
  }

  /** Starts a process on the disk and claims the partition. */
  PartitionLog start() throws IOException {
    events.clear();
    heldSyncs.clear();
    holdSyncs = false;
    engine =
        SegmentEngine.open(
            DATA, through.apply(files), options, () -> nowNanos, random, this::sync, events::add);
    return (buffered ? engine.buffered() : engine).claim(PARTITION, true);
  }

  private void sync(Runnable sync) {
    if (insteadOfSyncs != null) {
      insteadOfSyncs.run();
    } else if (holdSyncs) {
      heldSyncs.add(sync);
    } else {
      sync.run();
    }
  }

  /** Ends the process in order and starts another. */
  PartitionLog restart() throws IOException {
    engine.close();
    return start();
  }

  PartitionLog restartAfterKill() throws IOException {
    files.kill();
    return start();
  }

  PartitionLog restartAfterPowerCut(Random survivors) throws IOException {
    files.powerCut(survivors);
    return start();
  }

  /** A disk of its own with the same files, and no process. */
  TestEngine copy() {
    return with(files.copy());
  }

  private TestEngine with(SimulatedDisk other) {
    TestEngine disk = new TestEngine(other, options);
    disk.buffered = buffered;
    return disk;
  }

  /** The partition as another machine would find it, were this one cut off now. */
  PartitionLog copyOfSurvivors(long seed) throws IOException {
    SimulatedDisk survivors = files.copyWithUnsynced();
    survivors.powerCut(new Random(seed));
    return with(survivors).start();
  }

  /** The partition, looked into. */
  InspectedPartition inspected() throws IOException {
    return SegmentEngine.inspect(DATA, files).stream()
        .filter(partition -> partition.id().equals(PARTITION))
        .findFirst()
        .orElseThrow();
  }

  List<Path> segments() {
    return files.paths().stream()
        .filter(path -> path.startsWith(DIRECTORY) && path.toString().endsWith(".log"))
        .toList();
  }

  List<SegmentEvent.Kind> eventKinds() {
    return events.stream().map(SegmentEvent::kind).toList();
  }
}
