package dev.weir.service.log;

/** The type of a record. The codes are part of the durable format. */
public enum RecordType {
  /** Readings, perhaps with the definitions they introduced. */
  BATCH(1),
  /** Sensor definitions without readings. */
  DEFINITIONS(2),
  /** A producer's new or raised epoch. */
  PRODUCER_EPOCH(3),
  /** An event of the system partition. */
  SYSTEM(4);

  private final int code;

  RecordType(int code) {
    this.code = code;
  }

  /** The code on disk. */
  public int code() {
    return code;
  }

  /** The type with a code, or null where there is none. */
  public static RecordType ofCode(int code) {
    return code >= 1 && code <= values().length ? values()[code - 1] : null;
  }
}
