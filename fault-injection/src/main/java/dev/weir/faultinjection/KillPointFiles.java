package dev.weir.faultinjection;

import dev.weir.common.file.DataFile;
import dev.weir.common.file.DataFiles;
import dev.weir.common.file.ForwardingDataFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The way to the disk, with points at which the process dies. What a file is for is told by its
 * name, as docs/formats.md lists them. Thread-safe.
 */
final class KillPointFiles extends ForwardingDataFiles {
  private final KillSwitch kill;

  /** What the next sync of a directory by a thread makes durable, where that is a point. */
  private final Map<Thread, KillPoint> named = new ConcurrentHashMap<>();

  KillPointFiles(DataFiles disk, KillSwitch kill) {
    super(disk);
    this.kill = kill;
  }

  @Override
  public DataFile open(Path path) throws IOException {
    return switch (DataFileKind.of(path)) {
      case SEGMENT -> segment(path);
      case CHECKPOINT -> new KillPointFile(path, disk.open(path), kill, KillPointFile.CHECKPOINT);
      case WATERMARK -> new KillPointFile(path, disk.open(path), kill, KillPointFile.WATERMARK);
      case START_NUMBER ->
          new KillPointFile(path, disk.open(path), kill, KillPointFile.START_NUMBER);
      case OTHER -> disk.open(path);
    };
  }

  private DataFile segment(Path path) throws IOException {
    boolean isNew = !disk.list(path.getParent()).contains(path.getFileName().toString());
    DataFile segment = disk.open(path);
    if (isNew) {
      kill.reached(KillPoint.ROLL_CREATED, path);
      named.put(Thread.currentThread(), KillPoint.ROLL_DURABLE);
    }
    return new KillPointSegmentFile(path, segment, kill, isNew);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    disk.rename(from, to);
    DataFileKind purpose = DataFileKind.of(to);
    if (purpose == DataFileKind.CHECKPOINT) {
      kill.reached(KillPoint.CHECKPOINT_RENAMED, to);
      named.put(Thread.currentThread(), KillPoint.CHECKPOINT_DURABLE);
    } else if (purpose == DataFileKind.START_NUMBER) {
      kill.reached(KillPoint.START_NUMBER_RENAMED, to);
      named.put(Thread.currentThread(), KillPoint.START_NUMBER_RAISED);
    }
  }

  @Override
  public void delete(Path path) throws IOException {
    DataFileKind purpose = DataFileKind.of(path);
    if (purpose == DataFileKind.SEGMENT) {
      kill.reached(KillPoint.RETENTION_BEFORE_DELETE, path);
      disk.delete(path);
      kill.reached(KillPoint.RETENTION_DELETED, path);
      named.put(Thread.currentThread(), KillPoint.RETENTION_BETWEEN_DELETES);
    } else {
      disk.delete(path);
      if (purpose == DataFileKind.CHECKPOINT
          && !path.toString().endsWith(DataFileKind.TEMPORARY_SUFFIX)) {
        kill.reached(KillPoint.CHECKPOINT_OLD_DELETED, path);
      }
    }
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    disk.syncDirectory(directory);
    KillPoint durable = named.remove(Thread.currentThread());
    if (durable != null) {
      kill.reached(durable, directory);
    }
  }
}
