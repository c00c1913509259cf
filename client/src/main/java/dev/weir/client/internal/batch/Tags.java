package dev.weir.client.internal.batch;

import dev.weir.v1.Kind;

/** The one-byte protobuf tags of a publish request, by field number and wire type. Stateless. */
public final class Tags {
  static final byte REQUEST_BATCH = 3 << 3 | 2;
  static final byte PUBLISH_PARTITION = 1 << 3;
  static final byte PUBLISH_SEQUENCE = 2 << 3;
  static final byte PUBLISH_BATCH = 3 << 3 | 2;

  /** Batch.columns. */
  public static final byte BATCH_COLUMNS = 1 << 3 | 2;

  static final byte BATCH_TRACEPARENT = 4 << 3 | 2;

  /** Columns.count. */
  public static final byte COUNT = 1 << 3;

  /** Columns.sensor_ids. */
  public static final byte SENSOR_IDS = 2 << 3 | 2;

  /** Columns.time_base. */
  public static final byte TIME_BASE = 4 << 3 | 1;

  /** Columns.time_step. */
  public static final byte TIME_STEP = 5 << 3;

  /** Columns.time_unit. */
  public static final byte TIME_UNIT = 6 << 3;

  /** Columns.time_offsets. */
  public static final byte TIME_OFFSETS = 7 << 3 | 2;

  private static final int DOUBLES_FIELD = 8;

  private Tags() {}

  /** The tag of the values column of a kind: fields 8 to 12 in the order of kinds. */
  public static byte values(int kind) {
    return (byte) (DOUBLES_FIELD - Kind.KIND_DOUBLE_VALUE + kind << 3 | 2);
  }

  /** The kind of a values column's field number, or 0. */
  public static int kindOfField(int field) {
    int kind = field - DOUBLES_FIELD + Kind.KIND_DOUBLE_VALUE;
    return kind >= Kind.KIND_DOUBLE_VALUE && kind <= Kind.KIND_BLOB_VALUE ? kind : 0;
  }
}
