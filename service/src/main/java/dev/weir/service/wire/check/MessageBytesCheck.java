package dev.weir.service.wire.check;

import com.google.common.base.Utf8;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import dev.weir.common.OwnedBy;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Checks bytes against a message type before they are parsed: malformed, unknown fields and enum
 * values, numbers over 32 bits, invalid UTF-8. What passes parses in every language, and nothing of
 * it is ignored. Not for the hot path. One instance per message, owned by its caller.
 */
@OwnedBy("its caller")
public final class MessageBytesCheck {
  /** An invalid text: the top level's field and index in it, and its own field and index. */
  record BadText(int topField, int topIndex, int field, int index) {}

  private static final class Malformed extends IOException {
    private static final long serialVersionUID = 1L;

    Malformed(String what) {
      super(what);
    }
  }

  private final StringBuilder path;
  private final List<BadText> badTexts = new ArrayList<>();
  private String firstBadText = "";
  private Fault firstUnknown;
  private int topField;
  private int topIndex;

  MessageBytesCheck(String path) {
    this.path = new StringBuilder(path);
  }

  /**
   * Returns what is wrong with a message's bytes; empty if it parses and nothing in it is unknown.
   * Reasons in this order: INVALID_ARGUMENT (malformed), UNIMPLEMENTED (unknown), BAD_UTF8.
   *
   * @param path what precedes the field names in the answer, such as "batch"; may be empty
   */
  public static Optional<Fault> check(Descriptor type, Slice bytes, String path) {
    return new MessageBytesCheck(path).check(type, bytes);
  }

  /** Returns the fault for bytes that the generated parser of a message refuses. */
  public static Fault malformed(Descriptor type, Slice bytes) {
    return check(type, bytes, "")
        .orElse(new MessageBytesCheck("").malformed(type, "unknown place"));
  }

  private Fault malformed(Descriptor type, String where) {
    return Fault.invalid(
        path.isEmpty() ? type.getName() : path.toString(),
        "is malformed protobuf ("
            + where
            + "); check that the client was made from weir.v1, and that nothing changes its bytes"
            + " on the way");
  }

  Optional<Fault> check(Descriptor type, Slice bytes) {
    CodedInputStream in =
        CodedInputStream.newInstance(bytes.array(), bytes.offset(), bytes.length());
    try {
      message(type, in, 0);
    } catch (Malformed wrong) {
      return Optional.of(malformed(type, wrong.getMessage()));
    } catch (IOException wrong) {
      return Optional.of(
          malformed(type, "byte " + in.getTotalBytesRead() + " of " + bytes.length()));
    }
    if (firstUnknown != null) {
      return Optional.of(firstUnknown);
    }
    return badTexts.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Fault.field(
                ErrorCode.BAD_UTF8, firstBadText, "is not valid UTF-8; send such bytes as a blob"));
  }

  /** Invalid texts, in order, at most {@link InvalidBatch#ROWS_MAX}. */
  List<BadText> badTexts() {
    return badTexts;
  }

  private void message(Descriptor type, CodedInputStream in, int depth) throws IOException {
    var counts = new int[type.getFields().size()];
    while (!in.isAtEnd()) {
      int tag = in.readTag();
      int number = WireFormat.getTagFieldNumber(tag);
      FieldDescriptor field = type.findFieldByNumber(number);
      if (field == null) {
        unknownField(number, tag, in);
        continue;
      }
      int index = field.isRepeated() ? counts[field.getIndex()]++ : 0;
      if (depth == 0) {
        topField = number;
        topIndex = index;
      }
      int pathLength = path.length();
      path.append(pathLength == 0 ? "" : ".").append(field.getName());
      if (field.isRepeated() && !field.isPackable()) {
        path.append('[').append(index).append(']');
      }
      field(field, WireFormat.getTagWireType(tag), index, in, depth);
      path.setLength(pathLength);
    }
  }

  private void unknownField(int number, int tag, CodedInputStream in) throws IOException {
    if (firstUnknown == null) {
      String owner = path.isEmpty() ? "the message" : path.toString();
      firstUnknown = Fault.unimplemented(owner, "field " + number + " is not known to this server");
    }
    if (!in.skipField(tag)) {
      throw new Malformed("a group ends that did not begin");
    }
  }

  private void field(FieldDescriptor field, int wireType, int index, CodedInputStream in, int depth)
      throws IOException {
    boolean delimited = wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED;
    if (field.isPackable() && delimited) {
      int limit = in.pushLimit(in.readRawVarint32());
      while (!in.isAtEnd()) {
        scalar(field, in);
      }
      in.popLimit(limit);
      return;
    }
    if (wireType != field.getLiteType().getWireType()) {
      throw new Malformed("wire type " + wireType + " where " + field.getType() + " is expected");
    }
    switch (field.getJavaType()) {
      case MESSAGE -> {
        int limit = in.pushLimit(in.readRawVarint32());
        message(field.getMessageType(), in, depth + 1);
        in.popLimit(limit);
      }
      case STRING -> text(field, in.readByteArray(), index);
      case BYTE_STRING -> in.skipRawBytes(in.readRawVarint32());
      default -> scalar(field, in);
    }
  }

  private void text(FieldDescriptor field, byte[] utf8, int index) {
    if (!Utf8.isWellFormed(utf8) && badTexts.size() < InvalidBatch.ROWS_MAX) {
      if (badTexts.isEmpty()) {
        firstBadText = path.toString();
      }
      badTexts.add(new BadText(topField, topIndex, field.getNumber(), index));
    }
  }

  private void scalar(FieldDescriptor field, CodedInputStream in) throws IOException {
    switch (field.getLiteType().getWireType()) {
      case WireFormat.WIRETYPE_FIXED64 -> in.readFixed64();
      case WireFormat.WIRETYPE_FIXED32 -> in.readFixed32();
      default -> varint(field, in.readRawVarint64());
    }
  }

  private void varint(FieldDescriptor field, long value) throws Malformed {
    boolean fits =
        switch (field.getType()) {
          case UINT32, SINT32 -> value >>> 32 == 0;
          case INT32, ENUM -> value == (int) value;
          default -> true;
        };
    if (!fits) {
      throw new Malformed(Long.toUnsignedString(value) + " does not fit in 32 bits");
    }
    if (field.getType() == FieldDescriptor.Type.ENUM
        && field.getEnumType().findValueByNumber((int) value) == null
        && firstUnknown == null) {
      String text = "value " + value + " is not known to this server";
      firstUnknown = Fault.unimplemented(path.toString(), text);
    }
  }
}
