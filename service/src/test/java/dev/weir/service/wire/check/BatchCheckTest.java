package dev.weir.service.wire.check;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.weir.common.protobuf.FieldTags;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.wire.protobuf.ProtobufWriter;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Reading;
import dev.weir.v1.Sensor;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchCheckTest {
  private static final BatchLimits LIMITS = new BatchLimits(1_000, 10);

  /** The kind of id n is n, for n up to 5. */
  private static final SensorKinds KINDS = id -> id >= 1 && id <= 5 ? id : 0;

  private static Columns.Builder doubles(int count) {
    var columns = Columns.newBuilder().setCount(count).addSensorIds(1).setTimeBase(1_000);
    for (int i = 0; i < count; i++) {
      columns.addDoubles(i);
    }
    return columns;
  }

  private static Columns.Builder blobsOfBytes(int... id) {
    return Columns.newBuilder()
        .setCount(id.length)
        .addAllSensorIds(IntStream.of(id).boxed().toList())
        .addAllBlobs(IntStream.of(id).mapToObj(i -> ByteString.EMPTY).toList());
  }

  private static BatchCheckResult check(Columns.Builder... columns) {
    var batch = Batch.newBuilder();
    for (Columns.Builder run : columns) {
      batch.addColumns(run);
    }
    return check(batch.build());
  }

  private static BatchCheckResult check(Batch batch) {
    return BatchCheck.check(Slice.of(batch.toByteArray()), KINDS, LIMITS);
  }

  private static BatchCheckResult check(String hex) {
    return BatchCheck.check(Slice.of(HexFormat.of().parseHex(hex.replace(" ", ""))), KINDS, LIMITS);
  }

  private static void assertBad(
      BatchCheckResult checked, ErrorCode code, String field, Integer... rows) {
    assertThat(checked).isInstanceOf(InvalidBatch.class);
    InvalidBatch bad = (InvalidBatch) checked;
    assertThat(bad.fault().code()).isEqualTo(code);
    assertThat(bad.fault().violations().get(0).field()).isEqualTo(field);
    assertThat(bad.rows()).containsExactly(rows);
  }

  @Test
  void generatedColumnsWithIds_areCanonical() {
    var texts =
        Columns.newBuilder().setCount(2).addSensorIds(4).addTexts("").addTexts("°").setTimeBase(-5);
    var integers =
        Columns.newBuilder()
            .setCount(3)
            .addAllSensorIds(List.of(2, 2, 2))
            .setTimeBase(2_000)
            .setTimeStep(-10)
            .setTimeUnit(1_000)
            .addAllTimeOffsets(List.of(0L, 7L, -3L))
            .addAllIntegers(List.of(Long.MIN_VALUE, 0L, Long.MAX_VALUE));
    var booleans =
        Columns.newBuilder().setCount(2).addSensorIds(3).addBooleans(true).addBooleans(false);
    var batch =
        Batch.newBuilder()
            .addColumns(texts)
            .addColumns(integers)
            .addColumns(booleans)
            .addColumns(blobsOfBytes(5, 5))
            .addColumns(doubles(3))
            .setTraceparent(RandomBatches.TRACEPARENT)
            .build();
    assertThat(check(batch))
        .isEqualTo(new BatchCheckResult.Canonical(12, -1_020, 8_990, RandomBatches.TRACEPARENT));
  }

  /** The content of one run; each differs in one thing from one below that is canonical. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "nothing, ''",
    "count 0, 08 00 12 01 05",
    "no count, 12 01 01 42 08 00 00 00 00 00 00 00 00",
    "no ids, 08 01 42 08 00 00 00 00 00 00 00 00",
    "empty ids, 08 01 12 00 42 08 00 00 00 00 00 00 00 00",
    "no values, 08 01 12 01 01",
    "unpacked ids, 08 01 10 05 62 00",
    "two runs of ids, 08 02 12 01 05 12 01 05 62 00 62 00",
    "too few ids, 08 03 12 02 05 05 62 00 62 00 62 00",
    "too many ids, 08 01 12 02 05 05 62 00",
    "an id that is cut, 08 02 12 02 05 85 62 00 62 00",
    "an id in too many bytes, 08 01 12 02 85 00 62 00",
    "an id in far too many bytes, 08 01 12 03 85 80 00 62 00",
    "an id over 32 bits, 08 01 12 05 85 80 80 80 10 62 00",
    "references, 08 01 1a 01 05 62 00",
    "base 0 spelled out, 08 01 12 01 05 21 00 00 00 00 00 00 00 00 62 00",
    "a base that is cut, 08 01 12 01 05 21 01 00 00 00 00 62 00",
    "step 0 spelled out, 08 01 12 01 05 28 00 62 00",
    "unit 0 spelled out, 08 01 12 01 05 30 00 62 00",
    "empty offsets, 08 01 12 01 05 3a 00 62 00",
    "too few offsets, 08 02 12 01 05 3a 01 02 62 00 62 00",
    "too many offsets, 08 01 12 01 05 3a 02 02 02 62 00",
    "step before base, 08 01 12 01 05 28 02 21 01 00 00 00 00 00 00 00 62 00",
    "count last, 12 01 05 62 00 08 01",
    "too few doubles, 08 02 12 01 01 42 08 00 00 00 00 00 00 00 00",
    "doubles of 9 bytes, 08 01 12 01 01 42 09 00 00 00 00 00 00 00 00 00",
    "doubles of 7 bytes, 08 01 12 01 01 42 07 00 00 00 00 00 00 00",
    "too few integers, 08 02 12 01 02 4a 02 80 01",
    "too many integers, 08 01 12 01 02 4a 02 02 02",
    "an integer that is cut, 08 01 12 01 02 4a 01 82",
    "an integer in too many bytes, 08 01 12 01 02 4a 02 82 00",
    "an integer over 64 bits, 08 01 12 01 02 4a 0a ff ff ff ff ff ff ff ff ff 02",
    "an offset over 64 bits, 08 01 12 01 05 3a 0a ff ff ff ff ff ff ff ff ff 03 62 00",
    "an integer in eleven bytes, 08 01 12 01 02 4a 0b ff ff ff ff ff ff ff ff ff ff 01",
    "a boolean that is 2, 08 01 12 01 03 52 01 02",
    "a boolean that is negative, 08 01 12 01 03 52 01 81",
    "too many booleans, 08 01 12 01 03 52 02 01 01",
    "too few booleans, 08 02 12 01 03 52 01 01",
    "too few blobs, 08 02 12 01 05 62 00",
    "too many blobs, 08 01 12 01 05 62 00 62 00",
    "a text among blobs, 08 02 12 01 05 62 00 5a 00",
    "a blob longer than the run, 08 01 12 01 05 62 01",
    "two kinds of values, 08 01 12 01 02 4a 01 02 52 01 01",
    "a field behind the values, 08 01 12 01 02 4a 01 02 68 01",
    "an unknown field before the values, 08 01 12 01 02 18 01 4a 01 02",
  })
  void runNotCanonical_isLeftToTheRecoder(String what, String hex) {
    String length = String.format("%02x", hex.replace(" ", "").length() / 2);
    assertThat(check("0a" + length + hex)).as(what).isInstanceOf(BatchCheckResult.Recode.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "08 01 12 01 05 62 00",
        "08 02 12 01 05 62 00 62 00",
        "08 02 12 02 05 05 62 00 62 00",
        "08 01 12 01 01 42 08 00 00 00 00 00 00 00 00",
        "08 01 12 01 02 4a 01 02",
        "08 01 12 01 02 4a 0a ff ff ff ff ff ff ff ff ff 01",
        "08 02 12 01 02 4a 03 02 80 01",
        "08 01 12 01 03 52 01 01",
        "08 02 12 01 03 52 02 01 00",
        "08 01 12 01 05 3a 01 02 62 00",
        "08 01 12 01 05 28 02 62 00",
        "08 01 12 01 05 30 01 62 00",
        "08 01 12 01 05 21 01 00 00 00 00 00 00 00 62 00",
      })
  void runInStrictForm_isCanonical(String hex) {
    String length = String.format("%02x", hex.replace(" ", "").length() / 2);
    assertThat(check("0a" + length + hex)).isInstanceOf(BatchCheckResult.Canonical.class);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "nothing, ''",
    "a run longer than the batch, 0a 08 08 01 12 01 05 62 00",
    "an empty run, 0a 07 08 01 12 01 05 62 00 0a 00",
    "rows, 0a 07 08 01 12 01 05 62 00 12 00",
    "sensors, 0a 07 08 01 12 01 05 62 00 1a 00",
    "an empty traceparent, 0a 07 08 01 12 01 05 62 00 22 00",
    "a traceparent of another shape, 0a 07 08 01 12 01 05 62 00 22 02 30 30",
    "a traceparent longer than the batch, 0a 07 08 01 12 01 05 62 00 22 37 30",
    "an unknown field, 0a 07 08 01 12 01 05 62 00 78 01",
    "a tag of two bytes, 8a 00 07 08 01 12 01 05 62 00",
    "a length of two bytes, 0a 87 00 08 01 12 01 05 62 00",
    "only a tag, 0a 07 08 01 12 01 05 62 00 0a",
  })
  void batchNotCanonical_isLeftToTheRecoder(String what, String hex) {
    assertThat(check(hex)).as(what).isInstanceOf(BatchCheckResult.Recode.class);
  }

  @Test
  void fieldsAroundTheTraceparent_areLeftToTheRecoder() {
    String run = "0a 07 08 01 12 01 05 62 00";
    String trace = "22 37" + HexFormat.of().formatHex(RandomBatches.TRACEPARENT.getBytes(US_ASCII));
    assertThat(check(run + trace)).isInstanceOf(BatchCheckResult.Canonical.class);
    assertThat(check(trace + run)).isInstanceOf(BatchCheckResult.Recode.class);
    assertThat(check(run + trace + trace)).isInstanceOf(BatchCheckResult.Recode.class);
    assertThat(check(run + trace + run)).isInstanceOf(BatchCheckResult.Recode.class);
  }

  @Test
  void rowsAndSensors_areLeftToTheRecoder() {
    var row = Reading.newBuilder().setSensor("a").setDouble(1);
    assertThat(check(Batch.newBuilder().addRows(row).build()))
        .isInstanceOf(BatchCheckResult.Recode.class);
    var named =
        Batch.newBuilder().addColumns(doubles(1)).addSensors(Sensor.newBuilder().setName("a"));
    assertThat(check(named.build())).isInstanceOf(BatchCheckResult.Recode.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319cb-7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-011",
      })
  void traceparentOfAnotherShape_isRecodedToInvalid(String traceparent) {
    var batch = Batch.newBuilder().addColumns(doubles(1)).setTraceparent(traceparent).build();
    assertThat(check(batch)).isInstanceOf(BatchCheckResult.Recode.class);
    var recoded = (InvalidBatch) BatchRecoder.decode(batch, KINDS, 0, LIMITS);
    assertThat(recoded.fault().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(recoded.fault().violations().get(0).field()).isEqualTo("batch.traceparent");
  }

  @Test
  void unboundIds_areRefusedWithTheirRows() {
    BatchCheckResult checked = check(doubles(2), blobsOfBytes(5, 6, 5, -1));
    assertBad(checked, ErrorCode.UNKNOWN_SENSOR_ID, "batch.columns[1].sensor_ids[1]", 3, 5);
    assertThat(((InvalidBatch) checked).dependsOnState()).isTrue();
    assertThat(((InvalidBatch) checked).fault().message()).contains("id 6 is not bound");
  }

  @Test
  void idsOfAnotherKind_areRefusedWithTheirRows() {
    BatchCheckResult checked = check(doubles(2), blobsOfBytes(4, 5, 1));
    assertBad(checked, ErrorCode.KIND_MISMATCH, "batch.columns[1].sensor_ids[0]", 2, 4);
    assertThat(((InvalidBatch) checked).fault().message())
        .contains("sensor 4 is TEXT, but these values are BLOB");
  }

  @Test
  void unboundIdOfAWholeRun_namesAtMostHundredRows() {
    BatchCheckResult checked = check(doubles(200).setSensorIds(0, 9));
    Integer[] rows = IntStream.range(0, 100).boxed().toArray(Integer[]::new);
    assertBad(checked, ErrorCode.UNKNOWN_SENSOR_ID, "batch.columns[0].sensor_ids[0]", rows);
    assertThat(((InvalidBatch) checked).fault().violations()).hasSizeLessThanOrEqualTo(10);
  }

  @Test
  void tooManyReadings_areTooLarge() {
    assertThat(check(doubles(500), doubles(500))).isInstanceOf(BatchCheckResult.Canonical.class);
    assertBad(check(doubles(500), doubles(501)), ErrorCode.TOO_LARGE, "batch");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "a lone continuation byte, 80",
    "an overlong slash of two bytes, c0 af",
    "an overlong slash of three bytes, e0 80 af",
    "an overlong euro of four bytes, f0 82 82 ac",
    "a high surrogate, ed a0 80",
    "a low surrogate, ed bf bf",
    "a surrogate pair as in CESU-8, ed a0 bc ed bc a1",
    "over U+10FFFF, f4 90 80 80",
    "the byte fe, fe",
    "a sequence of two that is cut, c3",
    "a sequence of three that is cut, e2 82",
    "a sequence of four that is cut, f0 9f 8c",
    "a sequence broken by ASCII, e2 82 61",
  })
  void textThatIsNotUtf8_isRefusedWithItsRow(String what, String hex) {
    byte[] bad = HexFormat.of().parseHex(hex.replace(" ", ""));
    var columns =
        blobsOfBytes(4, 4, 4).setBlobs(0, utf8("temp °C 🌡")).setBlobs(1, ByteString.copyFrom(bad));
    Slice bytes = asTexts(columns);
    assertBad(
        BatchCheck.check(bytes, KINDS, LIMITS), ErrorCode.BAD_UTF8, "batch.columns[0].texts[1]", 1);
    InvalidBatch recoded = (InvalidBatch) BatchRecoder.decode(bytes, KINDS, 0, LIMITS);
    assertThat(recoded.rows()).as(what).containsExactly(1);
  }

  /** TEXT has the number before BLOB: the generated classes would not let bad text out. */
  private static Slice asTexts(Columns.Builder blobs) {
    var bytes = new ProtobufWriter(64);
    byte[] columns = blobs.build().toByteArray();
    for (int i = 0; i < columns.length; i++) {
      columns[i] = columns[i] == 0x62 ? 0x5a : columns[i];
    }
    bytes.field(FieldTags.BATCH_COLUMNS, columns, 0, columns.length);
    return Slice.of(bytes.toBytes());
  }

  private static ByteString utf8(String text) {
    return ByteString.copyFrom(text, UTF_8);
  }

  @Test
  void timesThatOverflow_areRefusedWithTheirRows() {
    var stepped = doubles(3).setTimeBase(Long.MAX_VALUE - 10).setTimeStep(6);
    assertBad(check(doubles(2), stepped), ErrorCode.TIME_OUT_OF_RANGE, "batch.columns[1]", 4);
    var offset = doubles(2).setTimeBase(Long.MIN_VALUE).addTimeOffsets(0).addTimeOffsets(-1);
    assertBad(check(offset), ErrorCode.TIME_OUT_OF_RANGE, "batch.columns[0].time_offsets[1]", 1);
    var unit = doubles(1).setTimeBase(0).setTimeUnit(-1).addTimeOffsets(1);
    assertBad(check(unit), ErrorCode.TIME_OUT_OF_RANGE, "batch.columns[0].time_offsets[0]", 0);
    assertThat(((InvalidBatch) check(unit)).dependsOnState()).isFalse();
  }

  @Test
  void timesAtTheVeryEnds_areAccepted() {
    var least = doubles(1).setTimeBase(Long.MIN_VALUE);
    var greatest = doubles(2).setTimeBase(Long.MAX_VALUE).setTimeStep(-1);
    assertThat(check(least, greatest))
        .isEqualTo(new BatchCheckResult.Canonical(3, Long.MIN_VALUE, Long.MAX_VALUE, ""));
    // Steps overflow on the way, offsets bring every time back.
    var there = doubles(3).setTimeBase(1).setTimeStep(Long.MAX_VALUE).setTimeUnit(Long.MAX_VALUE);
    assertThat(check(there.addTimeOffsets(0).addTimeOffsets(-1).addTimeOffsets(-2)))
        .isEqualTo(new BatchCheckResult.Canonical(3, 1, 1, ""));
  }

  @Test
  void whatTheBytesShow_comesBeforeWhatDependsOnState() {
    var late = doubles(2).setTimeBase(Long.MAX_VALUE).setTimeStep(1);
    assertBad(
        check(blobsOfBytes(9), blobsOfBytes(1), late),
        ErrorCode.TIME_OUT_OF_RANGE,
        "batch.columns[2]",
        3);
    assertBad(
        check(blobsOfBytes(1), blobsOfBytes(9)),
        ErrorCode.UNKNOWN_SENSOR_ID,
        "batch.columns[1].sensor_ids[0]",
        1);
    assertBad(check(doubles(1_001).setSensorIds(0, 9)), ErrorCode.TOO_LARGE, "batch");
  }

  @Test
  void countFarOverTheBytes_endsAtTheBytes() {
    var columns =
        Columns.newBuilder()
            .setCount(Integer.MAX_VALUE)
            .addSensorIds(5)
            .setTimeStep(Long.MIN_VALUE);
    Fault fault =
        ((InvalidBatch)
                BatchRecoder.decode(
                    Batch.newBuilder().addColumns(columns.addBlobs(ByteString.EMPTY)).build(),
                    KINDS,
                    0,
                    LIMITS))
            .fault();
    assertThat(check(columns)).isInstanceOf(BatchCheckResult.Recode.class);
    assertThat(fault.violations().get(0).field()).isEqualTo("batch.columns[0].blobs");
  }
}
