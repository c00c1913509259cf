package dev.weir.service.wire.protobuf;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.WireFormat;
import dev.weir.common.protobuf.FieldTags;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Delivery;
import dev.weir.v1.Kind;
import dev.weir.v1.PublishBatch;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.Reading;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.UploadBatch;
import dev.weir.v1.UploadRequest;
import org.junit.jupiter.api.Test;

class FieldTagsTest {
  private static int tag(int field, int wireType) {
    return field << 3 | wireType;
  }

  @Test
  void tags_areThoseOfTheContract() {
    assertThat(FieldTags.BATCH_COLUMNS)
        .isEqualTo(tag(Batch.COLUMNS_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED));
    assertThat(FieldTags.BATCH_TRACEPARENT)
        .isEqualTo(tag(Batch.TRACEPARENT_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED));
    assertThat(FieldTags.COUNT)
        .isEqualTo(tag(Columns.COUNT_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT));
    assertThat(FieldTags.SENSOR_IDS)
        .isEqualTo(tag(Columns.SENSOR_IDS_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED));
    assertThat(FieldTags.TIME_BASE)
        .isEqualTo(tag(Columns.TIME_BASE_FIELD_NUMBER, WireFormat.WIRETYPE_FIXED64));
    assertThat(FieldTags.TIME_STEP)
        .isEqualTo(tag(Columns.TIME_STEP_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT));
    assertThat(FieldTags.TIME_UNIT)
        .isEqualTo(tag(Columns.TIME_UNIT_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT));
    assertThat(FieldTags.TIME_OFFSETS)
        .isEqualTo(tag(Columns.TIME_OFFSETS_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED));
    assertThat(FieldTags.STREAM_BATCH)
        .isEqualTo(
            tag(PublishStreamRequest.BATCH_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED));
    assertThat(FieldTags.ENVELOPE_PARTITION)
        .isEqualTo(tag(PublishBatch.PARTITION_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT));
    assertThat(FieldTags.ENVELOPE_SEQUENCE)
        .isEqualTo(tag(PublishBatch.SEQUENCE_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT));
    assertThat(FieldTags.ENVELOPE_BATCH)
        .isEqualTo(tag(PublishBatch.BATCH_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED));
    assertThat(FieldTags.UPLOAD_BATCH)
        .isEqualTo(tag(UploadRequest.BATCH_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED));
    assertThat(FieldTags.UPLOAD_ENVELOPE_SEQUENCE)
        .isEqualTo(tag(UploadBatch.SEQUENCE_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT));
    assertThat(FieldTags.UPLOAD_ENVELOPE_BATCH)
        .isEqualTo(tag(UploadBatch.BATCH_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED));
    assertThat(FieldTags.DELIVERY)
        .isEqualTo(
            tag(SubscribeResponse.DELIVERY_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED));
    assertThat(FieldTags.DELIVERY_BATCHES)
        .isEqualTo(tag(Delivery.BATCHES_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED));
    assertThat(FieldTags.READING_SENSOR)
        .isEqualTo(tag(Reading.SENSOR_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED));
    assertThat(FieldTags.READING_TIME)
        .isEqualTo(tag(Reading.TIME_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED));
    assertThat(FieldTags.READING_DOUBLE)
        .isEqualTo(tag(Reading.DOUBLE_FIELD_NUMBER, WireFormat.WIRETYPE_FIXED64));
    assertThat(FieldTags.READING_INTEGER)
        .isEqualTo(tag(Reading.INTEGER_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT));
    assertThat(FieldTags.READING_BOOLEAN)
        .isEqualTo(tag(Reading.BOOLEAN_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT));
    assertThat(FieldTags.READING_TEXT)
        .isEqualTo(tag(Reading.TEXT_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED));
    assertThat(FieldTags.READING_BLOB)
        .isEqualTo(tag(Reading.BLOB_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED));
    assertThat(FieldTags.READING_CURSOR)
        .isEqualTo(tag(Reading.CURSOR_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED));
    for (int kind = Kind.KIND_DOUBLE_VALUE; kind <= Kind.KIND_BLOB_VALUE; kind++) {
      int field = Columns.DOUBLES_FIELD_NUMBER + kind - Kind.KIND_DOUBLE_VALUE;
      assertThat(FieldTags.values(kind)).isEqualTo(FieldTags.bytes(field));
      assertThat(FieldTags.kindOfField(field)).isEqualTo(kind);
    }
    assertThat(FieldTags.kindOfField(Columns.TIME_OFFSETS_FIELD_NUMBER)).isZero();
    assertThat(FieldTags.kindOfField(Columns.BLOBS_FIELD_NUMBER + 1)).isZero();
  }
}
