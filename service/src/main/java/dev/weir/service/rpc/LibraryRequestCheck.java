package dev.weir.service.rpc;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import dev.weir.common.OwnedBy;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import java.io.IOException;
import java.util.Optional;

/**
 * Bounds a request to a service of the library, on its bytes, before it is parsed: health and
 * reflection are asked for one thing by its name, and a stream keeps that name as long as its
 * client likes. One instance per message, owned by its caller.
 */
@OwnedBy("its caller")
final class LibraryRequestCheck {
  /** A text may have so many bytes: names of services, methods and files are much shorter. */
  static final int TEXT_BYTES_MAX = 200;

  /**
   * A request may have so many fields, with those of the message in it. So few take too little to
   * be charged to the budget of requests, so that streams which stay open hold nothing of what
   * unary calls need; the charge of the open call covers the name that a stream keeps.
   */
  static final int FIELDS_MAX = 4;

  private Fault wrong; // the first that was found; null for none
  private int fields;

  private LibraryRequestCheck() {}

  /** Returns why a message must not be parsed, if so. Malformed ones are the parser's to refuse. */
  static Optional<Fault> refusal(Descriptor type, Slice message) {
    CodedInputStream in =
        CodedInputStream.newInstance(message.array(), message.offset(), message.length());
    var check = new LibraryRequestCheck();
    try {
      check.message(type, in, "");
    } catch (IOException malformed) {
      return Optional.empty();
    }
    return Optional.ofNullable(check.wrong);
  }

  private void message(Descriptor type, CodedInputStream in, String path) throws IOException {
    while (wrong == null && !in.isAtEnd()) {
      int tag = in.readTag();
      int wireType = WireFormat.getTagWireType(tag);
      if (++fields > FIELDS_MAX) {
        wrong =
            Fault.of(
                ErrorCode.TOO_LARGE,
                "The request has more than "
                    + FIELDS_MAX
                    + " fields. Send only those that the method needs.");
      } else if (wireType == WireFormat.WIRETYPE_START_GROUP) {
        return; // the admission refuses it
      } else if (wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        delimited(type.findFieldByNumber(WireFormat.getTagFieldNumber(tag)), tag, in, path);
      } else if (!in.skipField(tag)) {
        return;
      }
    }
  }

  private void delimited(FieldDescriptor field, int tag, CodedInputStream in, String path)
      throws IOException {
    String name = field == null ? "field " + WireFormat.getTagFieldNumber(tag) : field.getName();
    String place = path.isEmpty() ? name : path + "." + name;
    int length = in.readRawVarint32();
    if (field != null && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
      int limit = in.pushLimit(length);
      message(field.getMessageType(), in, place);
      in.skipRawBytes(in.getBytesUntilLimit());
      in.popLimit(limit);
      return;
    }
    in.skipRawBytes(length);
    if (length > TEXT_BYTES_MAX) {
      wrong =
          Fault.invalid(
              place,
              "has " + length + " bytes, more than the " + TEXT_BYTES_MAX + " of the longest name");
    }
  }
}
