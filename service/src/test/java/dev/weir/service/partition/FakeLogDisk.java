package dev.weir.service.partition;

import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The part of a {@link FakeLog} that outlives a claim. Owned by one test. */
final class FakeLogDisk {
  final List<LogRecord> records = new ArrayList<>();
  final List<PartitionLog.EpochStart> epochs = new ArrayList<>();
  final Set<Long> damaged = new TreeSet<>();
  Checkpoint checkpoint;
  long start;
  int openReaders;
}
