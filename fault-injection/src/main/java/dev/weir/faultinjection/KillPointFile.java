package dev.weir.faultinjection;

import dev.weir.common.file.DataFile;
import dev.weir.common.file.ForwardingDataFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A small file that is written as a whole, with points at which the process dies. Thread-safe. */
class KillPointFile extends ForwardingDataFile {
  /**
   * The points of one kind of file; null where there is none.
   *
   * @param halfWritten the first half of a write is done
   * @param written all of it is, and not synced
   * @param synced it is synced
   */
  record Points(KillPoint halfWritten, KillPoint written, KillPoint synced) {}

  static final Points CHECKPOINT =
      new Points(
          KillPoint.CHECKPOINT_HALF_WRITTEN,
          KillPoint.CHECKPOINT_UNSYNCED,
          KillPoint.CHECKPOINT_SYNCED);
  static final Points WATERMARK =
      new Points(KillPoint.WATERMARK_HALF_WRITTEN, KillPoint.WATERMARK_UNSYNCED, null);
  static final Points START_NUMBER = new Points(null, KillPoint.START_NUMBER_WRITTEN, null);

  private final Path path;
  private final KillSwitch kill;
  private final Points points;

  KillPointFile(Path path, DataFile file, KillSwitch kill, Points points) {
    super(file);
    this.path = path;
    this.kill = kill;
    this.points = points;
  }

  @Override
  public void write(ByteBuffer from, long position) throws IOException {
    if (points.halfWritten != null && kill.strikesAt(points.halfWritten)) {
      writeHalf(file, from, position);
      kill.die(points.halfWritten, path);
    }
    file.write(from, position);
    if (points.written != null) {
      kill.reached(points.written, path);
    }
  }

  static void writeHalf(DataFile file, ByteBuffer from, long position) throws IOException {
    ByteBuffer half = from.duplicate();
    half.limit(half.position() + half.remaining() / 2);
    file.write(half, position);
  }

  @Override
  public void sync(boolean metadata) throws IOException {
    file.sync(metadata);
    if (points.synced != null) {
      kill.reached(points.synced, path);
    }
  }
}
