package dev.weir.service.wire.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import com.google.protobuf.UnknownFieldSet;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.wire.columns.ColumnsReader;
import dev.weir.service.wire.columns.SensorIdSet;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Kind;
import dev.weir.v1.Reading;
import dev.weir.v1.Sensor;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchRecoderTest {
  private static final BatchLimits LIMITS = new BatchLimits(100, 3);

  private static Reading.Builder row(String sensor) {
    return Reading.newBuilder().setSensor(sensor).setTime(Timestamp.newBuilder().setSeconds(5));
  }

  private static Sensor.Builder sensor(String name) {
    return Sensor.newBuilder().setName(name).setKind(Kind.KIND_DOUBLE);
  }

  private static Columns.Builder columns(int... refs) {
    var columns = Columns.newBuilder().setCount(refs.length);
    for (int ref : refs) {
      columns.addSensorRefs(ref).addDoubles(ref);
    }
    return columns;
  }

  private static Batch rows(Reading.Builder... rows) {
    var batch = Batch.newBuilder();
    for (Reading.Builder row : rows) {
      batch.addRows(row);
    }
    return batch.build();
  }

  private static RecodeResult decode(Batch batch) {
    return BatchRecoder.decode(Slice.of(batch.toByteArray()), SensorKinds.NONE, 77, LIMITS);
  }

  private static NamedBatch good(Batch batch) {
    return (NamedBatch) decode(batch);
  }

  private static InvalidBatch assertBad(
      Batch batch, ErrorCode code, String field, Integer... rows) {
    InvalidBatch bad = (InvalidBatch) decode(batch);
    assertThat(bad.fault().code()).isEqualTo(code);
    assertThat(bad.fault().violations().get(0).field()).isEqualTo(field);
    assertThat(bad.rows()).containsExactly(rows);
    return bad;
  }

  private static void assertInvalid(Batch batch, String field, Integer... rows) {
    assertBad(batch, ErrorCode.INVALID_ARGUMENT, field, rows);
  }

  @Test
  void badRow_namesItsFieldAndRow() {
    Reading.Builder good = row("a").setDouble(1);
    assertInvalid(rows(good, row("").setDouble(1)), "batch.rows[1].sensor", 1);
    assertInvalid(rows(good, row("a/*").setDouble(1)), "batch.rows[1].sensor", 1);
    assertInvalid(rows(good, row("a")), "batch.rows[1].value", 1);
    assertInvalid(rows(good, row("a").setDouble(1).setCursor("c")), "batch.rows[1].cursor", 1);
    var nanos = Timestamp.newBuilder().setNanos(1_000_000_000);
    assertInvalid(rows(row("a").setDouble(1).setTime(nanos)), "batch.rows[0].time.nanos", 0);
    assertInvalid(
        rows(row("a").setDouble(1).setTime(nanos.setNanos(-1))), "batch.rows[0].time.nanos", 0);
    var late = Timestamp.newBuilder().setSeconds(9_223_372_036L).setNanos(854_775_808);
    assertBad(
        rows(good, row("a").setDouble(1).setTime(late)),
        ErrorCode.TIME_OUT_OF_RANGE,
        "batch.rows[1].time",
        1);
    var early = Timestamp.newBuilder().setSeconds(-9_223_372_037L).setNanos(145_224_191);
    assertBad(
        rows(row("a").setDouble(1).setTime(early)),
        ErrorCode.TIME_OUT_OF_RANGE,
        "batch.rows[0].time",
        0);
    var never = Timestamp.newBuilder().setSeconds(Long.MAX_VALUE);
    assertBad(
        rows(row("a").setDouble(1).setTime(never)),
        ErrorCode.TIME_OUT_OF_RANGE,
        "batch.rows[0].time",
        0);
  }

  @Test
  void timesAtTheVeryEndsAndAbsent_areKept() {
    var late = Timestamp.newBuilder().setSeconds(9_223_372_036L).setNanos(854_775_807);
    var early = Timestamp.newBuilder().setSeconds(-9_223_372_037L).setNanos(145_224_192);
    NamedBatch named =
        good(
            rows(
                row("a").setDouble(1).setTime(late),
                row("a").setDouble(1).setTime(early),
                row("a").setDouble(1).clearTime()));
    var reader = new ColumnsReader(named.encode(new int[] {0}));
    assertThat(reader.nextRun()).isTrue();
    for (long time : new long[] {Long.MAX_VALUE, Long.MIN_VALUE, 77}) {
      assertThat(reader.nextReading()).isTrue();
      assertThat(reader.timeNanos()).isEqualTo(time);
    }
  }

  @Test
  void severalBadRows_areAllNamed() {
    InvalidBatch bad =
        assertBad(
            rows(row("a"), row("b").setDouble(1), row("")),
            ErrorCode.INVALID_ARGUMENT,
            "batch.rows[0].value",
            0,
            2);
    assertThat(bad.fault().violations()).hasSize(2);
    assertThat(bad.fault().message()).startsWith("2 readings are wrong");
  }

  @Test
  void oneSensorWithTwoKinds_isKindMismatch() {
    assertBad(
        rows(row("a").setDouble(1), row("b").setText("x"), row("a").setInteger(1)),
        ErrorCode.KIND_MISMATCH,
        "batch.rows[2].integer",
        2);
    Batch listed = rows(row("a").setText("x")).toBuilder().addSensors(sensor("a")).build();
    assertBad(listed, ErrorCode.KIND_MISMATCH, "batch.rows[0].text", 0);
    var texts = Columns.newBuilder().setCount(1).addSensorRefs(0).addTexts("x");
    Batch referred = Batch.newBuilder().addColumns(texts).addSensors(sensor("a")).build();
    assertBad(referred, ErrorCode.KIND_MISMATCH, "batch.columns[0].sensor_refs[0]", 0);
  }

  @Test
  void batchOfNoOrTwoForms_isInvalid() {
    assertInvalid(Batch.getDefaultInstance(), "batch");
    Batch both =
        rows(row("a").setDouble(1)).toBuilder()
            .addColumns(columns(0))
            .addSensors(sensor("a"))
            .build();
    assertInvalid(both, "batch");
    assertInvalid(Batch.newBuilder().addSensors(sensor("a")).build(), "batch");
  }

  @Test
  void badColumns_nameTheirField() {
    assertColumnsInvalid(columns(), "count");
    assertColumnsInvalid(columns(0).addSensorIds(1), "sensor_ids");
    assertColumnsInvalid(columns(0).clearSensorRefs(), "sensor_ids");
    assertColumnsInvalid(
        columns(0, 0, 0).clearSensorRefs().addSensorRefs(0).addSensorRefs(0), "sensor_refs");
    assertColumnsInvalid(columns(0, 0).addTimeOffsets(1), "time_offsets");
    assertColumnsInvalid(columns(0, 0).addDoubles(1), "doubles");
    assertColumnsInvalid(columns(0).setCount(-1), "doubles");
    assertColumnsInvalid(columns(0, 0).clearDoubles().addTexts("x"), "texts");
    Batch none =
        Batch.newBuilder().addColumns(columns(0).clearDoubles()).addSensors(sensor("a")).build();
    assertInvalid(none, "batch.columns[0]");
    Batch two =
        Batch.newBuilder().addColumns(columns(0).addIntegers(1)).addSensors(sensor("a")).build();
    assertInvalid(two, "batch.columns[0]");
  }

  private static void assertColumnsInvalid(Columns.Builder columns, String field) {
    var batch =
        Batch.newBuilder().addColumns(columns(0)).addColumns(columns).addSensors(sensor("a"));
    assertInvalid(batch.build(), "batch.columns[1]." + field);
  }

  @Test
  void referenceOutOfRange_namesItsRows() {
    var batch = Batch.newBuilder().addSensors(sensor("a")).addColumns(columns(0));
    assertInvalid(
        batch.addColumns(columns(0, 1, -1)).build(), "batch.columns[1].sensor_refs[1]", 2, 3);
  }

  @Test
  void idsWithoutASession_areUnknown() {
    var columns = columns(0, 0).clearSensorRefs().addSensorIds(4);
    assertBad(
        Batch.newBuilder().addColumns(columns).build(),
        ErrorCode.UNKNOWN_SENSOR_ID,
        "batch.columns[0].sensor_ids[0]",
        0,
        1);
  }

  @Test
  void badSensorList_namesItsEntry() {
    var batch = rows(row("a").setDouble(1)).toBuilder().addSensors(sensor("a"));
    assertInvalid(batch.clone().addSensors(sensor("b#")).build(), "batch.sensors[1].name");
    assertInvalid(batch.clone().addSensors(sensor("b").setId(3)).build(), "batch.sensors[1].id");
    assertInvalid(
        batch.clone().addSensors(sensor("b").clearKind()).build(), "batch.sensors[1].kind");
    assertInvalid(batch.clone().addSensors(sensor("a")).build(), "batch.sensors[1].name");
    assertBad(
        batch.clone().addSensors(sensor("b").setKindValue(9)).build(),
        ErrorCode.UNIMPLEMENTED,
        "batch.sensors[1].kind");
  }

  @Test
  void sizesOverTheLimits_areTooLarge() {
    var many = Batch.newBuilder();
    for (int i = 0; i < 100; i++) {
      many.addRows(row("a").setDouble(i));
    }
    assertThat(good(many.build()).readings()).isEqualTo(100);
    assertBad(many.addRows(row("a").setDouble(0)).build(), ErrorCode.TOO_LARGE, "batch.rows");
    Batch named =
        rows(row("a").setDouble(1), row("b").setDouble(1), row("c").setDouble(1)).toBuilder()
            .addSensors(sensor("d"))
            .build();
    assertBad(named, ErrorCode.TOO_LARGE, "batch");
    var listed = rows(row("a").setDouble(1)).toBuilder();
    List.of("a", "b", "c", "d").forEach(name -> listed.addSensors(sensor(name)));
    assertBad(listed.build(), ErrorCode.TOO_LARGE, "batch.sensors");
  }

  @Test
  void unknownField_isUnimplementedHoweverItArrives() {
    var unknown =
        UnknownFieldSet.newBuilder()
            .addField(14, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
            .build();
    Batch batch = rows(row("a").setDouble(1).setUnknownFields(unknown));
    assertBad(batch, ErrorCode.UNIMPLEMENTED, "batch.rows[0]");
    InvalidBatch parsed = (InvalidBatch) BatchRecoder.decode(batch, SensorKinds.NONE, 0, LIMITS);
    assertThat(parsed.fault().code()).isEqualTo(ErrorCode.UNIMPLEMENTED);
    assertThat(parsed.fault().message()).contains("rows[0]: field 14");
  }

  @Test
  void badTexts_nameTheirRows() {
    // Rows: "a" = ff as text, then a good one, then a bad sensor name.
    Slice rows = hex("12 06 0a 01 61 32 01 ff 12 06 0a 01 61 32 01 62 12 06 0a 01 ff 32 01 62");
    InvalidBatch bad = (InvalidBatch) BatchRecoder.decode(rows, SensorKinds.NONE, 0, LIMITS);
    assertThat(bad.fault().code()).isEqualTo(ErrorCode.BAD_UTF8);
    assertThat(bad.rows()).containsExactly(0, 2);
    // Two runs of two texts by reference; the last text is bad.
    Slice columns =
        hex("0a 0b 08 02 1a 01 00 5a 01 61 5a 01 61 0a 0b 08 02 1a 01 00 5a 01 61 5a 01 ff");
    bad = (InvalidBatch) BatchRecoder.decode(columns, SensorKinds.NONE, 0, LIMITS);
    assertThat(bad.fault().violations().get(0).field()).isEqualTo("batch.columns[1].texts[1]");
    assertThat(bad.rows()).containsExactly(3);
  }

  private static Slice hex(String hex) {
    return Slice.of(HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  @Test
  void listedSensor_givesUnitAndLabelsAndIsDefinedEvenUnused() {
    Batch batch =
        rows(row("b").setDouble(1)).toBuilder()
            .addSensors(sensor("a").setUnit("Cel"))
            .addSensors(sensor("b").setUnit("kW").putLabels("k", "v"))
            .build();
    NamedBatch named = good(batch);
    assertThat(named.sensors()).isEqualTo(batch.getSensorsList());
    assertThat(SensorIdSet.distinct(named.encode(new int[] {10, 11}))).containsExactly(11);
    NamedBatch[] parts = named.split(new int[] {0, 2}, 3);
    assertThat(parts[0].readings()).isZero();
    assertThat(parts[0].sensors()).containsExactly(batch.getSensors(0));
    assertThat(parts[1]).isNull();
    assertThat(parts[2].readings()).isEqualTo(1);
  }

  @Test
  void consecutiveReadingsOfOneKind_shareARun() throws Exception {
    NamedBatch named =
        good(
            rows(
                row("a").setDouble(1),
                row("b").setDouble(2),
                row("c").setBlob(ByteString.EMPTY),
                row("a").setDouble(3)));
    Batch batch = Batch.parseFrom(named.encode(new int[] {1, 2, 3}).toBytes());
    assertThat(batch.getColumnsList()).extracting(Columns::getCount).containsExactly(2, 1, 1);
    assertThat(batch.getColumns(0).getSensorIdsList()).containsExactly(1, 2);
    assertThat(batch.getColumns(2).getSensorIdsList()).containsExactly(1);
  }

  @Test
  void regularTimes_becomeBaseAndStepAlone() throws Exception {
    var batch = Batch.newBuilder();
    for (int i = 0; i < 10; i++) {
      batch.addRows(row("a").setDouble(i).setTime(Timestamp.newBuilder().setSeconds(100 + 3 * i)));
    }
    Columns columns =
        Batch.parseFrom(good(batch.build()).encode(new int[] {1}).toBytes()).getColumns(0);
    assertThat(columns.getTimeBase()).isEqualTo(100_000_000_000L);
    assertThat(columns.getTimeStep()).isEqualTo(3_000_000_000L);
    assertThat(columns.getTimeOffsetsCount()).isZero();
    assertThat(columns.getSensorIdsCount()).isEqualTo(1);
  }

  @Test
  void jitteredTimes_becomeSmallOffsetsInTheirUnit() throws Exception {
    var batch = Batch.newBuilder();
    for (int i = 0; i < 100; i++) {
      int micros = 1_000 * i + (i * 37) % 50;
      batch.addRows(row("a").setDouble(i).setTime(Timestamp.newBuilder().setNanos(micros * 1_000)));
    }
    Columns columns =
        Batch.parseFrom(good(batch.build()).encode(new int[] {1}).toBytes()).getColumns(0);
    assertThat(columns.getTimeUnit()).isEqualTo(1_000);
    assertThat(columns.getTimeOffsetsList()).allMatch(offset -> Math.abs(offset) < 64);
  }
}
