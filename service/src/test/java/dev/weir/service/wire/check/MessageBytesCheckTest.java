package dev.weir.service.wire.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.Descriptor;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Sensor;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.Subscription;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MessageBytesCheckTest {
  private static Fault fault(Descriptor type, String hex, String path) {
    Slice bytes = Slice.of(HexFormat.of().parseHex(hex.replace(" ", "")));
    return MessageBytesCheck.check(type, bytes, path).orElseThrow();
  }

  @Test
  void generatedMessage_passes() {
    Batch batch = new RandomBatches(5).any();
    assertThat(
            MessageBytesCheck.check(Batch.getDescriptor(), Slice.of(batch.toByteArray()), "batch"))
        .isEmpty();
    var sensor = Sensor.newBuilder().setName("温度").putLabels("k", "v").setKindValue(5).build();
    assertThat(MessageBytesCheck.check(Sensor.getDescriptor(), Slice.of(sensor.toByteArray()), ""))
        .isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "a tag that is cut, 8a",
    "field number 0, 00 01",
    "a length beyond the end, 0a 05 08 01",
    "a nested length beyond its message, 0a 04 12 05 01 01",
    "wire type of a message, 08 01",
    "wire type of a number, 0a 02 0a 00",
    "wire type of a text, 20 01",
    "a count over 32 bits, 0a 06 08 80 80 80 80 10",
    "a packed id over 32 bits, 0a 08 12 06 80 80 80 80 80 01",
    "doubles of 7 bytes, 0a 09 42 07 00 00 00 00 00 00 00",
    "a varint of eleven bytes, 0a 0c 28 80 80 80 80 80 80 80 80 80 80 01",
    "the end of a group, 0c",
    "wire type 6, 0e 00",
    "a negative length, 0a ff ff ff ff 0f",
  })
  void malformedBytes_areInvalid(String what, String hex) {
    Fault fault = fault(Batch.getDescriptor(), hex, "batch");
    assertThat(fault.code()).as(what).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(fault.violations().get(0).field()).startsWith("batch");
  }

  @Test
  void unknownField_isUnimplementedWithItsPath() {
    Fault fault = fault(Batch.getDescriptor(), "0a 02 08 01 0a 02 70 01", "batch");
    assertThat(fault.code()).isEqualTo(ErrorCode.UNIMPLEMENTED);
    assertThat(fault.message()).isEqualTo("batch.columns[1]: field 14 is not known to this server");
  }

  @Test
  void unknownGroup_isUnimplementedToo() {
    assertThat(fault(Batch.getDescriptor(), "7b 08 01 7c", "").code())
        .isEqualTo(ErrorCode.UNIMPLEMENTED);
  }

  @Test
  void unknownEnumValue_isUnimplementedWithItsPath() {
    var request =
        SubscribeRequest.newBuilder().setAdd(Subscription.newBuilder().setModeValue(9)).build();
    Fault fault =
        MessageBytesCheck.check(
                SubscribeRequest.getDescriptor(), Slice.of(request.toByteArray()), "")
            .orElseThrow();
    assertThat(fault.code()).isEqualTo(ErrorCode.UNIMPLEMENTED);
    assertThat(fault.message()).isEqualTo("add.mode: value 9 is not known to this server");
  }

  @Test
  void malformedBehindUnknown_comesFirst() {
    assertThat(fault(Batch.getDescriptor(), "78 01 0a 05", "batch").code())
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void unknownBehindBadText_comesFirst() {
    assertThat(fault(Batch.getDescriptor(), "22 01 ff 78 01", "batch").code())
        .isEqualTo(ErrorCode.UNIMPLEMENTED);
  }

  @Test
  void invalidUtf8InAnyText_isBadUtf8WithItsPath() {
    Fault fault = fault(Batch.getDescriptor(), "12 00 12 03 0a 01 ff", "batch");
    assertThat(fault.code()).isEqualTo(ErrorCode.BAD_UTF8);
    assertThat(fault.violations().get(0).field()).isEqualTo("batch.rows[1].sensor");
  }

  @Test
  void numbersOfEveryWidth_pass() throws Exception {
    byte[] bytes = new byte[32];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeUInt32(Columns.COUNT_FIELD_NUMBER, -1);
    out.writeSInt64(Columns.TIME_STEP_FIELD_NUMBER, Long.MIN_VALUE);
    Slice written = new Slice(bytes, 0, out.getTotalBytesWritten());
    assertThat(MessageBytesCheck.check(Columns.getDescriptor(), written, "")).isEmpty();
  }
}
