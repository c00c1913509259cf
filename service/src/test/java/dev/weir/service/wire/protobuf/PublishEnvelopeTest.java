package dev.weir.service.wire.protobuf;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.weir.service.core.Slice;
import dev.weir.service.wire.check.RandomBatches;
import dev.weir.v1.Batch;
import dev.weir.v1.Ping;
import dev.weir.v1.PublishBatch;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.UploadBatch;
import dev.weir.v1.UploadRequest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublishEnvelopeTest {
  private static Slice hex(String hex) {
    return Slice.of(HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  @Test
  void plainBatch_isReadWithoutItsContent() {
    Batch batch = new RandomBatches(1).columns(true);
    var message =
        PublishStreamRequest.newBuilder()
            .setBatch(PublishBatch.newBuilder().setPartition(5).setSequence(-1).setBatch(batch))
            .build();

    var envelope = PublishEnvelope.parse(Slice.of(message.toByteArray()));

    assertThat(envelope.partition()).isEqualTo(5);
    assertThat(envelope.sequence()).isEqualTo(-1L);
    assertThat(envelope.batch()).isEqualTo(Slice.of(batch.toByteArray()));
  }

  @Test
  void batchInsideAnotherArray_isReadInPlace() {
    byte[] array = HexFormat.of().parseHex("ffff1a0610071a02aabbffff");

    var envelope = PublishEnvelope.parse(new Slice(array, 2, array.length - 4));

    assertThat(envelope.sequence()).isEqualTo(7);
    assertThat(envelope.batch()).isEqualTo(Slice.of(new byte[] {(byte) 0xaa, (byte) 0xbb}));
    assertThat(envelope.batch().array()).isSameAs(array);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "fields in another order, 1a 08 1a 02 0a 00 10 09 08 01",
    "no partition and no sequence, 1a 04 1a 02 0a 00",
    "empty batch, 1a 02 1a 00",
  })
  void unusualButPlainEnvelope_isRead(String what, String bytes) {
    assertThat(PublishEnvelope.parse(hex(bytes))).as(what).isNotNull();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "empty message, ''",
    "only a tag, 1a",
    "no batch, 1a 02 10 01",
    "two batches in the envelope, 1a 04 1a 00 1a 00",
    "two sequences, 1a 06 10 01 10 02 1a 00",
    "two partitions, 1a 06 08 01 08 02 1a 00",
    "two envelopes, 1a 02 1a 00 1a 02 1a 00",
    "an unknown field, 1a 04 1a 00 20 01",
    "an unknown field behind, 1a 02 1a 00 78 01",
    "a partition over 31 bits, 1a 08 08 80 80 80 80 08 1a 00",
    "a partition over 32 bits, 1a 08 08 80 80 80 80 10 1a 00",
    "a sequence that is cut, 1a 04 1a 00 10 80",
    "a batch longer than the message, 1a 02 1a 05",
    "a batch one byte longer than the message, 1a 02 1a 01",
    "an envelope longer than the message, 1a 05 1a 00",
    "sequence of another wire type, 1a 0b 11 01 00 00 00 00 00 00 00 1a 00",
  })
  void anythingElse_isLeftToTheGeneratedParser(String what, String bytes) {
    assertThat(PublishEnvelope.parse(hex(bytes))).as(what).isNull();
  }

  @Test
  void otherRequests_areLeftToTheGeneratedParser() {
    var ping = PublishStreamRequest.newBuilder().setPing(Ping.newBuilder().setId(3)).build();
    assertThat(PublishEnvelope.parse(Slice.of(ping.toByteArray()))).isNull();
    assertThat(PublishEnvelope.parse(Slice.of(ByteString.EMPTY.toByteArray()))).isNull();
  }

  @Test
  void upload_isReadWithoutItsContent() {
    Batch batch = new RandomBatches(2).columns(true);
    UploadBatch upload = UploadBatch.newBuilder().setSequence(9).setBatch(batch).build();
    var message = UploadRequest.newBuilder().setBatch(upload).build();

    var envelope = PublishEnvelope.parseUpload(Slice.of(message.toByteArray()));

    assertThat(envelope.partition()).isZero();
    assertThat(envelope.sequence()).isEqualTo(9);
    assertThat(envelope.batch()).isEqualTo(Slice.of(batch.toByteArray()));
    assertThat(PublishEnvelope.parse(Slice.of(message.toByteArray()))).isNull();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "open, 0a 00",
    "a field more, 12 04 12 00 18 01",
    "a field that no tag has, 12 03 12 00 00",
    "no batch, 12 02 08 01",
  })
  void otherUploadMessage_isLeftToTheGeneratedParser(String what, String bytes) {
    assertThat(PublishEnvelope.parseUpload(hex(bytes))).as(what).isNull();
  }
}
