package dev.weir.service.wire.check;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.weir.service.core.fault.Fault;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds what a client asks that this server does not know, so that it is refused, not ignored. */
public final class UnknownFieldCheck {
  /** An enum value that the generated code does not know has no place in its type. */
  private static final int UNKNOWN_VALUE_INDEX = -1;

  private UnknownFieldCheck() {}

  /**
   * The first unknown field or enum value of a parsed message, however deep, in words such as
   * "add.format: value 9" or "open: field 14"; empty where all is known.
   */
  public static Optional<String> find(Message message) {
    return find(message, "");
  }

  /** The same as a fault about that field. */
  public static Optional<Fault> fault(Message message) {
    return find(message).map(UnknownFieldCheck::fault);
  }

  private static Fault fault(String unknown) {
    int value = unknown.lastIndexOf(": value ");
    String what = value < 0 ? "" : "has" + unknown.substring(value + 1) + "; ";
    return Fault.unimplemented(
        value < 0 ? unknown : unknown.substring(0, value),
        what + "this server does not know it; leave it out, or use a newer server");
  }

  private static Optional<String> find(Message message, String path) {
    var unknown = message.getUnknownFields().asMap().keySet();
    if (!unknown.isEmpty()) {
      return Optional.of(
          (path.isEmpty() ? "" : path + ": ") + "field " + unknown.iterator().next());
    }
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      boolean plain =
          switch (field.getJavaType()) {
            case MESSAGE, ENUM -> false;
            default -> true;
          };
      if (plain) {
        continue;
      }
      String fieldPath = path.isEmpty() ? field.getName() : path + "." + field.getName();
      Optional<String> found = findIn(field, entry.getValue(), fieldPath);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static Optional<String> findIn(FieldDescriptor field, Object value, String path) {
    if (!field.isRepeated()) {
      return findInOne(value, path);
    }
    int index = 0;
    for (Object element : (List<?>) value) {
      Optional<String> found = findInOne(element, path + "[" + index++ + "]");
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static Optional<String> findInOne(Object value, String path) {
    if (value instanceof Message nested) {
      return find(nested, path);
    }
    return value instanceof EnumValueDescriptor known && known.getIndex() == UNKNOWN_VALUE_INDEX
        ? Optional.of(path + ": value " + known.getNumber())
        : Optional.empty();
  }
}
