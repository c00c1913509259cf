package dev.weir.common.protobuf;

/**
 * Field tags of the messages that are handled as bytes; all of them take one byte. The numbers are
 * those of the contract, which this module does not depend on: a test of the service compares them.
 */
public final class FieldTags {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;

  public static final int BATCH_COLUMNS = 1 << 3 | BYTES;
  public static final int BATCH_TRACEPARENT = 4 << 3 | BYTES;

  public static final int COUNT = 1 << 3 | VARINT;
  public static final int SENSOR_IDS = 2 << 3 | BYTES;
  public static final int TIME_BASE = 4 << 3 | FIXED64;
  public static final int TIME_STEP = 5 << 3 | VARINT;
  public static final int TIME_UNIT = 6 << 3 | VARINT;
  public static final int TIME_OFFSETS = 7 << 3 | BYTES;

  public static final int STREAM_BATCH = 3 << 3 | BYTES;
  public static final int ENVELOPE_PARTITION = 1 << 3 | VARINT;
  public static final int ENVELOPE_SEQUENCE = 2 << 3 | VARINT;
  public static final int ENVELOPE_BATCH = 3 << 3 | BYTES;

  public static final int UPLOAD_BATCH = 2 << 3 | BYTES;
  public static final int UPLOAD_ENVELOPE_SEQUENCE = 1 << 3 | VARINT;
  public static final int UPLOAD_ENVELOPE_BATCH = 2 << 3 | BYTES;

  public static final int DELIVERY = 4 << 3 | BYTES;
  public static final int DELIVERY_BATCHES = 6 << 3 | BYTES;

  public static final int READING_SENSOR = 1 << 3 | BYTES;
  public static final int READING_TIME = 2 << 3 | BYTES;
  public static final int READING_DOUBLE = 3 << 3 | FIXED64;
  public static final int READING_INTEGER = 4 << 3 | VARINT;
  public static final int READING_BOOLEAN = 5 << 3 | VARINT;
  public static final int READING_TEXT = 6 << 3 | BYTES;
  public static final int READING_BLOB = 7 << 3 | BYTES;
  public static final int READING_CURSOR = 8 << 3 | BYTES;

  /** From a kind to its Columns field: doubles are field 8, kind DOUBLE is 1. */
  private static final int KIND_TO_FIELD = 8 - 1;

  private static final int KINDS = 5;

  private FieldTags() {}

  /** The tag of the Columns field that holds values of a kind. */
  public static int values(int kind) {
    return bytes(kind + KIND_TO_FIELD);
  }

  /** The kind of the values that a Columns field holds, by its number; 0 where it holds none. */
  public static int kindOfField(int field) {
    int kind = field - KIND_TO_FIELD;
    return kind >= 1 && kind <= KINDS ? kind : 0;
  }

  /** The tag of a field with a length: text, bytes or a message. */
  public static int bytes(int field) {
    return field << 3 | BYTES;
  }
}
