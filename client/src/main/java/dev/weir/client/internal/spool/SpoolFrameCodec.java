package dev.weir.client.internal.spool;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import dev.weir.common.file.Checksum;
import dev.weir.v1.Sensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/** The bytes of frames, and of the header of a segment: docs/formats-spool.md. Stateless. */
final class SpoolFrameCodec {
  static final int HEADER_BYTES = 72;
  static final int SEGMENT_HEADER_BYTES = 32;

  private static final int FRAME_MAGIC = 0x52535257; // WRSR
  private static final int SEGMENT_MAGIC = 0x50535257; // WRSP
  private static final byte VERSION = 1;
  private static final byte HAS_MARK = 1;
  private static final int CHECKED_FROM = 8;

  private SpoolFrameCodec() {}

  /** The header of a frame: the head, and how to read the body. */
  record Header(SpoolFrame.Head head, boolean hasMark, int bodyBytes, int bodyChecksum) {
    int recordBytes() {
      return HEADER_BYTES + bodyBytes;
    }
  }

  static byte[] write(SpoolFrame frame) {
    byte[] body = body(frame);
    byte[] bytes = new byte[HEADER_BYTES + body.length];
    ByteBuffer record = over(bytes);
    record.putInt(0, FRAME_MAGIC);
    record.put(8, VERSION);
    record.put(9, frame.mark() == null ? 0 : HAS_MARK);
    record.putInt(12, Checksum.of(body, 0, body.length));
    record.putInt(16, body.length);
    record.putInt(20, frame.head().readings());
    record.putLong(24, frame.head().number());
    record.putLong(32, frame.head().readingsBefore());
    record.putLong(40, frame.head().partitions());
    record.putLong(48, frame.head().sendLimit());
    record.putLong(56, frame.head().syncedThrough());
    record.putInt(64, frame.head().keys());
    record.put(HEADER_BYTES, body);
    return sealed(bytes, HEADER_BYTES);
  }

  private static byte[] sealed(byte[] record, int headerBytes) {
    int sum = Checksum.of(record, CHECKED_FROM, headerBytes - CHECKED_FROM);
    over(record).putInt(4, sum);
    return record;
  }

  private static byte[] body(SpoolFrame frame) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(frame.batch().length + 64);
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      if (frame.mark() != null) {
        out.writeUInt32NoTag(frame.mark().at());
        out.writeStringNoTag(frame.mark().position());
      }
      out.writeUInt32NoTag(frame.sensors().size());
      for (Map.Entry<Integer, Sensor> sensor : frame.sensors().entrySet()) {
        out.writeUInt32NoTag(sensor.getKey());
        out.writeMessageNoTag(sensor.getValue());
      }
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    bytes.writeBytes(frame.batch());
    return bytes.toByteArray();
  }

  /** The header that begins at an index, or null where there is none that is whole. */
  static Header header(byte[] bytes, int at) {
    if (at + HEADER_BYTES > bytes.length) {
      return null;
    }
    ByteBuffer from = over(bytes);
    if (from.getInt(at) != FRAME_MAGIC
        || from.getInt(at + 4)
            != Checksum.of(bytes, at + CHECKED_FROM, HEADER_BYTES - CHECKED_FROM)) {
      return null;
    }
    requireVersion(from.get(at + 8));
    SpoolFrame.Head head =
        new SpoolFrame.Head(
            from.getLong(at + 24),
            from.getInt(at + 20),
            from.getLong(at + 32),
            from.getLong(at + 40),
            from.getLong(at + 48),
            from.getLong(at + 56),
            from.getInt(at + 64));
    return new Header(
        head, from.get(at + 9) == HAS_MARK, from.getInt(at + 16), from.getInt(at + 12));
  }

  /** The frame of a header and its body, or null where the body is damaged. */
  static SpoolFrame frame(Header header, byte[] body) {
    if (body.length != header.bodyBytes()
        || Checksum.of(body, 0, body.length) != header.bodyChecksum()) {
      return null;
    }
    CodedInputStream in = CodedInputStream.newInstance(body);
    try {
      SpoolFrame.Mark mark = null;
      if (header.hasMark()) {
        int at = in.readUInt32();
        mark = new SpoolFrame.Mark(in.readStringRequireUtf8(), at);
      }
      int count = in.readUInt32();
      Map<Integer, Sensor> sensors = new LinkedHashMap<>();
      for (int i = 0; i < count; i++) {
        int key = in.readUInt32();
        int limit = in.pushLimit(in.readRawVarint32());
        sensors.put(key, Sensor.parseFrom(in));
        in.popLimit(limit);
      }
      byte[] batch = in.readRawBytes(body.length - in.getTotalBytesRead());
      return new SpoolFrame(header.head(), mark, sensors, batch);
    } catch (IOException e) {
      throw new UncheckedIOException("a frame with the right checksum does not parse", e);
    }
  }

  static byte[] segmentHeader(long firstFrame, long readingsBefore) {
    byte[] bytes = new byte[SEGMENT_HEADER_BYTES];
    ByteBuffer header = over(bytes);
    header.putInt(0, SEGMENT_MAGIC);
    header.put(8, VERSION);
    header.putLong(16, firstFrame);
    header.putLong(24, readingsBefore);
    return sealed(bytes, SEGMENT_HEADER_BYTES);
  }

  private static void requireVersion(byte version) {
    if (version != VERSION) {
      throw new UncheckedIOException(
          new IOException(
              "the spool has version "
                  + version
                  + " (expected "
                  + VERSION
                  + "); it needs a newer Weir client"));
    }
  }

  private static ByteBuffer over(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
