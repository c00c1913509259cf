package dev.weir.common.protobuf;

import com.google.protobuf.WireFormat;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Delivery;
import dev.weir.v1.PublishBatch;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.Reading;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.UploadBatch;
import dev.weir.v1.UploadRequest;

/** Field tags of the messages handled as bytes; all of them take one byte. */
public final class FieldTags {
  public static final int BATCH_COLUMNS = bytes(Batch.COLUMNS_FIELD_NUMBER);
  public static final int BATCH_TRACEPARENT = bytes(Batch.TRACEPARENT_FIELD_NUMBER);

  public static final int COUNT = varint(Columns.COUNT_FIELD_NUMBER);
  public static final int SENSOR_IDS = bytes(Columns.SENSOR_IDS_FIELD_NUMBER);
  public static final int TIME_BASE = fixed64(Columns.TIME_BASE_FIELD_NUMBER);
  public static final int TIME_STEP = varint(Columns.TIME_STEP_FIELD_NUMBER);
  public static final int TIME_UNIT = varint(Columns.TIME_UNIT_FIELD_NUMBER);
  public static final int TIME_OFFSETS = bytes(Columns.TIME_OFFSETS_FIELD_NUMBER);

  public static final int STREAM_BATCH = bytes(PublishStreamRequest.BATCH_FIELD_NUMBER);
  public static final int ENVELOPE_PARTITION = varint(PublishBatch.PARTITION_FIELD_NUMBER);
  public static final int ENVELOPE_SEQUENCE = varint(PublishBatch.SEQUENCE_FIELD_NUMBER);
  public static final int ENVELOPE_BATCH = bytes(PublishBatch.BATCH_FIELD_NUMBER);

  public static final int UPLOAD_BATCH = bytes(UploadRequest.BATCH_FIELD_NUMBER);
  public static final int UPLOAD_ENVELOPE_SEQUENCE = varint(UploadBatch.SEQUENCE_FIELD_NUMBER);
  public static final int UPLOAD_ENVELOPE_BATCH = bytes(UploadBatch.BATCH_FIELD_NUMBER);

  public static final int DELIVERY = bytes(SubscribeResponse.DELIVERY_FIELD_NUMBER);
  public static final int DELIVERY_BATCHES = bytes(Delivery.BATCHES_FIELD_NUMBER);

  public static final int READING_SENSOR = bytes(Reading.SENSOR_FIELD_NUMBER);
  public static final int READING_TIME = bytes(Reading.TIME_FIELD_NUMBER);
  public static final int READING_DOUBLE = fixed64(Reading.DOUBLE_FIELD_NUMBER);
  public static final int READING_INTEGER = varint(Reading.INTEGER_FIELD_NUMBER);
  public static final int READING_BOOLEAN = varint(Reading.BOOLEAN_FIELD_NUMBER);
  public static final int READING_TEXT = bytes(Reading.TEXT_FIELD_NUMBER);
  public static final int READING_BLOB = bytes(Reading.BLOB_FIELD_NUMBER);
  public static final int READING_CURSOR = bytes(Reading.CURSOR_FIELD_NUMBER);

  private FieldTags() {}

  /** The tag of the Columns field that holds values of a kind: doubles are 8, kind DOUBLE is 1. */
  public static int values(int kind) {
    return bytes(kind + Columns.DOUBLES_FIELD_NUMBER - 1);
  }

  public static int bytes(int field) {
    return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  }

  private static int varint(int field) {
    return field << 3 | WireFormat.WIRETYPE_VARINT;
  }

  private static int fixed64(int field) {
    return field << 3 | WireFormat.WIRETYPE_FIXED64;
  }
}
