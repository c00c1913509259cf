package dev.weir.service.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WireReaderTest {
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
      var reader = new WireReader(within, 0, bytes.length);
      long[] read = new long[values.length];
      reader.uint32s(read, values.length);
      assertThat(read).isEqualTo(values);
      assertThat(reader.left()).isZero();
      assertThat(reader.failed()).isFalse();
    }
  }

  @Test
  void varintsOfMoreBytesThanTheyNeed_fail() throws IOException {
    long[] values = {300, 301, 302, 303, 304, 305, 306, 307};
    for (int at = 0; at < values.length; at++) {
      byte[] bytes = varints(values);
      bytes[2 * at + 1] = 0; // 44 in two bytes
      var reader = new WireReader(bytes, 0, bytes.length);
      reader.uint32s(new long[values.length], values.length);
      assertThat(reader.failed()).as("varint %s", at).isTrue();
    }
  }

  @Test
  void varintsThatEndTooEarly_fail() throws IOException {
    byte[] bytes = varints(300, 301, 302, 303, 304, 305, 306, 307);
    for (int end = 0; end < bytes.length; end++) {
      var reader = new WireReader(bytes, 0, end);
      reader.zigzags(new long[8], 8);
      assertThat(reader.failed()).as("%s bytes", end).isTrue();
    }
  }
}
