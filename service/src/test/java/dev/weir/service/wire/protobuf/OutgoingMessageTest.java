package dev.weir.service.wire.protobuf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.Slice;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Delivery;
import dev.weir.v1.Pong;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.TailResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutgoingMessageTest {
  private static final Batch FIRST = batch(1);
  private static final Batch SECOND = batch(200);

  private static Batch batch(int count) {
    var columns = Columns.newBuilder().setCount(count).addSensorIds(3);
    for (int i = 0; i < count; i++) {
      columns.addDoubles(i);
    }
    return Batch.newBuilder().addColumns(columns).build();
  }

  private static List<Slice> parts() {
    Slice first = Slice.of(FIRST.toByteArray());
    Slice second = Slice.of(SECOND.toByteArray());
    return List.of(
        DeliveryBatchPrefix.prefix(first.length()),
        first,
        DeliveryBatchPrefix.prefix(second.length()),
        second);
  }

  private static Delivery.Builder expected() {
    int bytes = parts().stream().mapToInt(Slice::length).sum();
    return Delivery.newBuilder()
        .setCursor("cursor")
        .setChargedReadings(201)
        .setChargedBytes(bytes)
        .addBatches(FIRST)
        .addBatches(SECOND);
  }

  private static byte[] written(OutgoingMessage frame) throws IOException {
    var out = new ByteArrayOutputStream();
    frame.writeTo(out);
    return out.toByteArray();
  }

  @Test
  void delivery_parsesInSubscribeAndInTail() throws IOException {
    OutgoingMessage frame = OutgoingMessage.delivery(0x80000000, "cursor", 63, 201, parts());

    byte[] bytes = written(frame);
    Delivery expected = expected().setSubscription(0x80000000).setPartition(63).build();
    assertThat(frame.length()).isEqualTo(bytes.length);
    assertThat(SubscribeResponse.parseFrom(bytes).getDelivery()).isEqualTo(expected);
    assertThat(TailResponse.parseFrom(bytes).getDelivery()).isEqualTo(expected);
  }

  @Test
  void deliveryOfZeros_leavesThemOutAsTheGeneratedCodeDoes() throws IOException {
    OutgoingMessage frame = OutgoingMessage.delivery(0, "cursor", 0, 201, parts());

    var expected = SubscribeResponse.newBuilder().setDelivery(expected()).build();
    assertThat(written(frame)).isEqualTo(expected.toByteArray());
  }

  @Test
  void message_isItsOwnBytes() throws IOException {
    var pong = SubscribeResponse.newBuilder().setPong(Pong.newBuilder().setId(7)).build();

    OutgoingMessage frame = OutgoingMessage.of(pong);
    assertThat(written(frame)).isEqualTo(pong.toByteArray());
    assertThat(frame.stream().readAllBytes()).isEqualTo(pong.toByteArray());
  }

  @Test
  void stream_givesTheSameBytesInAnyChunksAndExactAvailable() throws IOException {
    OutgoingMessage frame = OutgoingMessage.delivery(1, "cursor", 0, 201, parts());
    byte[] expected = written(frame);
    for (int chunk = 1; chunk < 70; chunk++) {
      var got = new ByteArrayOutputStream();
      try (InputStream in = frame.stream()) {
        byte[] buffer = new byte[chunk];
        while (in.available() > 0) {
          assertThat(in.available()).isEqualTo(expected.length - got.size());
          int count = in.read(buffer, 0, chunk);
          assertThat(count).isEqualTo(Math.min(chunk, expected.length - got.size()));
          got.write(buffer, 0, count);
        }
        assertThat(in.read(buffer)).isEqualTo(-1);
        assertThat(in.read()).isEqualTo(-1);
      }
      assertThat(got.toByteArray()).isEqualTo(expected);
    }
  }

  @Test
  void streamReadByteByByte_givesTheSameBytes() throws IOException {
    OutgoingMessage frame =
        OutgoingMessage.delivery(1, "c", 0, 1, List.of(Slice.EMPTY, parts().get(1), Slice.EMPTY));
    var got = new ByteArrayOutputStream();
    try (InputStream in = frame.stream()) {
      for (int next = in.read(); next >= 0; next = in.read()) {
        got.write(next);
      }
    }
    assertThat(got.toByteArray()).isEqualTo(written(frame));
  }
}
