package dev.weir.faultinjection;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** A place in the life of a log at which a server can be made to die. */
public enum KillPoint {
  /** The raised start number is written to its temporary file, and not synced. */
  START_NUMBER_WRITTEN,
  /** It has its name, and the directory is not synced. */
  START_NUMBER_RENAMED,
  /** It is durable, and no partition has been claimed with it. */
  START_NUMBER_RAISED,

  /** A partition's last segment is open, and what is behind its last good record is still there. */
  RECOVERY_BEFORE_CUT,
  /** That is cut, and not synced. */
  RECOVERY_CUT,
  /** Recovery is durable, and nothing has been appended. */
  RECOVERY_SYNCED,

  /** Records are numbered, and none of their bytes is written. */
  APPEND_BEFORE_WRITE,
  /** The first half of what was to be written is. */
  APPEND_HALF_WRITTEN,
  /** All of it is, and the sync has not been asked for. */
  APPEND_WRITTEN_UNSYNCED,
  /** It is synced, and the committed offset has not moved. */
  APPEND_SYNCED_UNCOMMITTED,
  /** The committed offset has moved, and the partition has not heard. */
  APPEND_COMMITTED_UNACKED,

  /** An ack is about to be given to the transport. */
  ACK_BEFORE_SEND,
  /** An ack has been given to the operating system. */
  ACK_SENT,

  /** The file of a new segment is there, and empty. */
  ROLL_CREATED,
  /** Its header is written, and not synced. */
  ROLL_HEADER_UNSYNCED,
  /** Its header is synced, and its directory is not. */
  ROLL_HEADER_SYNCED,
  /** The new segment is durable, and has no record. */
  ROLL_DURABLE,

  /** The first half of a checkpoint is written to its temporary file. */
  CHECKPOINT_HALF_WRITTEN,
  /** All of it is, and not synced. */
  CHECKPOINT_UNSYNCED,
  /** It is synced, and does not have its name. */
  CHECKPOINT_SYNCED,
  /** It has its name, and the directory is not synced. */
  CHECKPOINT_RENAMED,
  /** It is durable, and the one it replaces is still there. */
  CHECKPOINT_DURABLE,
  /** The one it replaces is deleted, and the directory is not synced. */
  CHECKPOINT_OLD_DELETED,

  /** The first half of a watermark is written over an older one. */
  WATERMARK_HALF_WRITTEN,
  /** All of it is, and not synced. */
  WATERMARK_UNSYNCED,

  /** The oldest segment is out of the log, and its file is there. */
  RETENTION_BEFORE_DELETE,
  /** Its file is deleted, and the directory is not synced. */
  RETENTION_DELETED,
  /** It is durably gone, and the next one has not had its turn. */
  RETENTION_BETWEEN_DELETES;

  private static final String[] GROUPS = {
    "start-number", "recovery", "append", "ack", "roll", "checkpoint", "watermark", "retention"
  };

  /** Its name for people and on command lines, such as {@code append.half-written}. */
  public String word() {
    String words = name().toLowerCase(Locale.ROOT).replace('_', '-');
    for (String group : GROUPS) {
      if (words.startsWith(group)) {
        return group + "." + words.substring(group.length() + 1);
      }
    }
    throw new IllegalStateException(name() + " has no group");
  }

  /** The point of a name. */
  public static Optional<KillPoint> ofWord(String word) {
    return Arrays.stream(values()).filter(point -> point.word().equals(word)).findFirst();
  }
}
