package dev.weir.service.wire.check;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.WireFormat;
import dev.weir.service.core.Slice;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Encodes a message as protobuf allows it but nobody would: fields of different numbers in any
 * order, packed lists unpacked or in several runs, defaults spelled out, varints too long.
 */
final class OddEncoding {
  private final Random random;

  OddEncoding(long seed) {
    random = new Random(seed);
  }

  Slice of(Batch batch) {
    return Slice.of(encode(batch));
  }

  private byte[] encode(Message message) {
    try {
      List<Deque<byte[]>> entriesByField = new ArrayList<>();
      for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
        entriesByField.add(entries(field.getKey(), field.getValue()));
      }
      if (message instanceof Columns columns && columns.getTimeUnit() == 0) {
        entriesByField.add(new ArrayDeque<>(List.of(new byte[] {6 << 3, 0})));
      }
      var out = new ByteArrayOutputStream();
      while (!entriesByField.isEmpty()) {
        int pick = random.nextInt(entriesByField.size());
        out.write(entriesByField.get(pick).removeFirst());
        if (entriesByField.get(pick).isEmpty()) {
          entriesByField.remove(pick);
        }
      }
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Deque<byte[]> entries(FieldDescriptor field, Object value) throws IOException {
    var entries = new ArrayDeque<byte[]>();
    if (!field.isRepeated()) {
      if (random.nextInt(4) == 0 && field.getContainingOneof() == null && !isMessage(field)) {
        entries.add(one(field, field.getDefaultValue()));
      }
      entries.add(one(field, value));
      return entries;
    }
    List<?> values = (List<?>) value;
    int at = 0;
    while (at < values.size()) {
      if (field.isPacked() && random.nextInt(3) > 0) {
        int end = at + 1 + random.nextInt(values.size() - at);
        entries.add(packed(field, values.subList(at, end)));
        at = end;
      } else {
        entries.add(one(field, values.get(at++)));
      }
    }
    return entries;
  }

  private static boolean isMessage(FieldDescriptor field) {
    return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
  }

  private byte[] one(FieldDescriptor field, Object value) throws IOException {
    var bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeTag(field.getNumber(), field.getLiteType().getWireType());
    value(field, value, out);
    out.flush();
    return bytes.toByteArray();
  }

  private byte[] packed(FieldDescriptor field, List<?> values) throws IOException {
    var content = new ByteArrayOutputStream();
    CodedOutputStream contentOut = CodedOutputStream.newInstance(content);
    for (Object value : values) {
      value(field, value, contentOut);
    }
    contentOut.flush();
    var bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeTag(field.getNumber(), WireFormat.WIRETYPE_LENGTH_DELIMITED);
    out.writeByteArrayNoTag(content.toByteArray());
    out.flush();
    return bytes.toByteArray();
  }

  private void value(FieldDescriptor field, Object value, CodedOutputStream out)
      throws IOException {
    switch (field.getType()) {
      case MESSAGE -> out.writeByteArrayNoTag(encode((Message) value));
      case UINT32 -> varint(Integer.toUnsignedLong((Integer) value), out);
      case BOOL -> varint((Boolean) value ? 1L + random.nextInt(3) : 0, out);
      case UINT64 -> varint((Long) value, out);
      case SINT64 -> varint(CodedOutputStream.encodeZigZag64((Long) value), out);
      case STRING -> out.writeStringNoTag((String) value);
      case BYTES -> out.writeBytesNoTag((com.google.protobuf.ByteString) value);
      case DOUBLE -> out.writeDoubleNoTag((Double) value);
      case FIXED64 -> out.writeFixed64NoTag((Long) value);
      case INT64 -> out.writeInt64NoTag((Long) value);
      case INT32 -> out.writeInt32NoTag((Integer) value);
      case ENUM ->
          out.writeEnumNoTag(
              ((com.google.protobuf.Descriptors.EnumValueDescriptor) value).getNumber());
      default -> throw new AssertionError("not used in weir.v1: " + field.getType());
    }
  }

  /** Sometimes with one byte more than needed. */
  private void varint(long value, CodedOutputStream out) throws IOException {
    boolean room = value >>> 56 == 0;
    if (!room || random.nextInt(4) > 0) {
      out.writeUInt64NoTag(value);
      return;
    }
    long rest = value;
    while (rest >>> 7 != 0) {
      out.writeRawByte((byte) (rest | 0x80));
      rest >>>= 7;
    }
    out.writeRawByte((byte) (rest | 0x80));
    out.writeRawByte(0);
  }
}
