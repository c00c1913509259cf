package dev.weir.service.app.fault;

import dev.weir.service.log.segment.DataFile;
import dev.weir.service.log.segment.Files;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The way to the disk, with points at which the process dies. What a file is for is told by its
 * name, as docs/formats.md lists them. Thread-safe.
 */
final class DeadlyFiles extends ForwardingFiles {
  private final KillSwitch kill;

  /** What the next sync of a directory by a thread makes durable, where that is a point. */
  private final Map<Thread, KillPoint> named = new ConcurrentHashMap<>();

  DeadlyFiles(Files disk, KillSwitch kill) {
    super(disk);
    this.kill = kill;
  }

  @Override
  public DataFile open(Path path) throws IOException {
    return switch (Purpose.of(path)) {
      case SEGMENT -> segment(path);
      case CHECKPOINT -> new DeadlyFile(path, disk.open(path), kill, DeadlyFile.CHECKPOINT);
      case WATERMARK -> new DeadlyFile(path, disk.open(path), kill, DeadlyFile.WATERMARK);
      case START_NUMBER -> new DeadlyFile(path, disk.open(path), kill, DeadlyFile.START_NUMBER);
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
    return new DeadlySegment(path, segment, kill, isNew);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    disk.rename(from, to);
    Purpose purpose = Purpose.of(to);
    if (purpose == Purpose.CHECKPOINT) {
      kill.reached(KillPoint.CHECKPOINT_RENAMED, to);
      named.put(Thread.currentThread(), KillPoint.CHECKPOINT_DURABLE);
    } else if (purpose == Purpose.START_NUMBER) {
      kill.reached(KillPoint.START_NUMBER_RENAMED, to);
      named.put(Thread.currentThread(), KillPoint.START_NUMBER_RAISED);
    }
  }

  @Override
  public void delete(Path path) throws IOException {
    Purpose purpose = Purpose.of(path);
    if (purpose == Purpose.SEGMENT) {
      kill.reached(KillPoint.RETENTION_BEFORE_DELETE, path);
      disk.delete(path);
      kill.reached(KillPoint.RETENTION_DELETED, path);
      named.put(Thread.currentThread(), KillPoint.RETENTION_BETWEEN_DELETES);
    } else {
      disk.delete(path);
      if (purpose == Purpose.CHECKPOINT && !path.toString().endsWith(Purpose.TEMPORARY_SUFFIX)) {
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
