package dev.weir.faultinjection;

import dev.weir.common.file.DataFile;
import dev.weir.common.file.ForwardingDataFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A segment file, with points at which the process dies. Its first sync with metadata ends its
 * making, or its recovery, which begins with a cut, where it was there before; what comes then is
 * appends. Where it was there and is written without a cut, it was opened for an append.
 * Thread-safe.
 */
final class KillPointSegmentFile extends ForwardingDataFile {
  private final Path path;
  private final KillSwitch kill;
  private final boolean isNew;
  private volatile boolean recovers;
  private volatile boolean ready;

  KillPointSegmentFile(Path path, DataFile file, KillSwitch kill, boolean isNew) {
    super(file);
    this.path = path;
    this.kill = kill;
    this.isNew = isNew;
  }

  @Override
  public void write(ByteBuffer from, long position) throws IOException {
    if (!isNew && !recovers) {
      ready = true;
    }
    if (ready) {
      kill.reached(KillPoint.APPEND_BEFORE_WRITE, path);
      if (kill.strikesAt(KillPoint.APPEND_HALF_WRITTEN)) {
        KillPointFile.writeHalf(file, from, position);
        kill.die(KillPoint.APPEND_HALF_WRITTEN, path);
      }
    }
    file.write(from, position);
    if (!ready && isNew) {
      kill.reached(KillPoint.ROLL_HEADER_UNSYNCED, path);
    }
  }

  @Override
  public void truncate(long bytes) throws IOException {
    boolean cuts = !ready && !isNew;
    if (cuts) {
      recovers = true;
      kill.reached(KillPoint.RECOVERY_BEFORE_CUT, path);
    }
    file.truncate(bytes);
    if (cuts) {
      kill.reached(KillPoint.RECOVERY_CUT, path);
    }
  }

  @Override
  public void sync(boolean metadata) throws IOException {
    if (ready) {
      kill.reached(KillPoint.APPEND_WRITTEN_UNSYNCED, path);
    }
    file.sync(metadata);
    if (ready) {
      kill.reached(KillPoint.APPEND_SYNCED_UNCOMMITTED, path);
    } else if (metadata) {
      ready = true;
      kill.reached(isNew ? KillPoint.ROLL_HEADER_SYNCED : KillPoint.RECOVERY_SYNCED, path);
    }
  }
}
