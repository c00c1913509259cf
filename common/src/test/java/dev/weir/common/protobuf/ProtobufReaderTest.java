package dev.weir.common.protobuf;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProtobufReaderTest {
  private static byte[] varints(long... values) throws IOException {
    var bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    for (long value : values) {
      out.writeUInt64NoTag(value);
    }
    out.flush();
    return bytes.toByteArray();
  }

  @Test
  void varintsOfAllLengths_areRead() throws IOException {
    Random random = new Random(3);
    for (int run = 0; run < 20_000; run++) {
      int bitsMax = 1 + random.nextInt(run % 2 == 0 ? 16 : 32); // mostly of one byte or two
      long[] values = new long[random.nextInt(24)];
      Arrays.setAll(values, i -> random.nextInt() >>> 32 - 1 - random.nextInt(bitsMax));
      Arrays.setAll(values, i -> values[i] & 0xffffffffL);
      byte[] bytes = varints(values);
      byte[] within = Arrays.copyOf(bytes, bytes.length + random.nextInt(12));
      var reader = new ProtobufReader(within, 0, bytes.length);
      long[] read = new long[values.length];
      reader.uint32s(read, values.length);
      assertThat(read).isEqualTo(values);
      assertThat(reader.left()).isZero();
      assertThat(reader.failed()).isFalse();
    }
  }

  @Test
  void varintsWithinARange_areTakenTogetherAndNoOthers() throws IOException {
    Random random = new Random(4);
    int[] edges = {0, 1, 2, 127, 128, 129, 200, 300, 16_383, 16_384, 16_385, 40_000, 70_000};
    long taken = 0;
    for (int run = 0; run < 50_000; run++) {
      int from = edges[random.nextInt(edges.length)];
      int limit = edges[random.nextInt(edges.length)];
      long[] values = new long[random.nextInt(40)];
      int base = random.nextInt(run % 2 == 0 ? 260 : 16_500);
      for (int i = 0; i < values.length; i++) {
        boolean edge = random.nextInt(40) == 0;
        values[i] = edge ? edges[random.nextInt(edges.length)] : base + random.nextInt(20);
      }
      byte[] bytes = varints(values);
      byte[] within = Arrays.copyOf(bytes, bytes.length + random.nextInt(12));
      int most = random.nextInt(values.length + 1);
      var reader = new ProtobufReader(within, 0, bytes.length);
      int count = reader.varintsWithin(from, limit, most);
      assertThat(count).isLessThanOrEqualTo(most);
      assertThat(Arrays.stream(values, 0, count)).allMatch(value -> value >= from && value < limit);
      assertThat(reader.failed()).isFalse();
      long[] rest = new long[values.length - count];
      reader.uint32s(rest, rest.length);
      assertThat(rest).isEqualTo(Arrays.copyOfRange(values, count, values.length));
      taken += count;
    }
    assertThat(taken).as("mostly they are").isGreaterThan(50_000);
  }

  @Test
  void numbersAtTheEdgesOfARange_areWithinItOrNot() throws IOException {
    for (int from : new int[] {0, 1, 100, 127, 128, 129, 5_000, 16_383}) {
      for (int limit : new int[] {from + 1, from + 2, 128, 129, 16_383, 16_384, 16_385, 100_000}) {
        for (int id : new int[] {from - 1, from, from + 1, limit - 2, limit - 1, limit}) {
          if (id < 0 || id > 16_383 || limit <= from) {
            continue;
          }
          int several = id < 128 ? 8 : 4;
          long[] values = new long[several];
          Arrays.fill(values, id);
          byte[] bytes = varints(values);
          var reader = new ProtobufReader(bytes, 0, bytes.length);
          assertThat(reader.varintsWithin(from, limit, several))
              .as("%s in %s to %s", id, from, limit)
              .isEqualTo(id >= from && id < limit ? several : 0);
        }
      }
    }
  }

  @Test
  void varintsOfMoreBytesThanTheyNeed_areNotTakenTogether() {
    byte[] bytes = {(byte) 0x85, 0, (byte) 0x85, 1, (byte) 0x85, 1, (byte) 0x85, 1};
    assertThat(new ProtobufReader(bytes, 0, bytes.length).varintsWithin(0, 16_384, 4)).isZero();
  }

  @Test
  void varintsOfMoreBytesThanTheyNeed_fail() throws IOException {
    long[] values = {300, 301, 302, 303, 304, 305, 306, 307};
    for (int at = 0; at < values.length; at++) {
      byte[] bytes = varints(values);
      bytes[2 * at + 1] = 0; // 44 in two bytes
      var reader = new ProtobufReader(bytes, 0, bytes.length);
      reader.uint32s(new long[values.length], values.length);
      assertThat(reader.failed()).as("varint %s", at).isTrue();
    }
  }

  @Test
  void varintsThatEndTooEarly_fail() throws IOException {
    byte[] bytes = varints(300, 301, 302, 303, 304, 305, 306, 307);
    for (int end = 0; end < bytes.length; end++) {
      var reader = new ProtobufReader(bytes, 0, end);
      reader.zigzags(new long[8], 8);
      assertThat(reader.failed()).as("%s bytes", end).isTrue();
    }
  }
}
