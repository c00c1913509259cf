package dev.weir.service.wire.check;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import dev.weir.common.OwnedBy;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * The limits of the entries that the repeated fields of a message type may have. They are counted
 * on the bytes, before anything is made of them: two bytes on the wire may be an object of
 * hundreds. Groups, which no type here has, are refused: a parser keeps each, however deep, in a
 * hundred times its bytes. Immutable.
 *
 * @param <L> names of limits
 */
public final class EntryLimits<L> {
  /** The bytes that one message or text takes on the heap besides its own. */
  private static final int ENTRY_BYTES = 64;

  /**
   * The bytes that a field takes that its type does not have: its entry in a map, lists and a
   * value.
   */
  private static final int UNKNOWN_BYTES = 320;

  /** The factor by which the bytes of texts and of numbers grow. */
  private static final int BYTES_FACTOR = 2;

  /**
   * The counts of one message.
   *
   * @param group the group in it, if there is one, for which it must not be parsed
   * @param tooMany the field with more entries than it may have, if there is one
   * @param parsedBytes what the message takes on the heap when it is parsed, about
   */
  public record Counted(Optional<Fault> group, Optional<Fault> tooMany, long parsedBytes) {
    /** Returns why it must not be parsed, if so. */
    public Optional<Fault> refusal() {
      return group.or(() -> tooMany);
    }
  }

  /**
   * A field that is counted, or whose message is looked into.
   *
   * @param slot its number among those of its message
   * @param limit of its entries; null for none
   * @param type of its messages; null for a text or bytes
   */
  private record Field<L>(FieldDescriptor field, int slot, L limit, Type<L> type) {}

  private record Type<L>(Descriptor descriptor, Map<Integer, Field<L>> fields) {
    /** Returns whether a field with a tag is one of the type's, encoded as it may be. */
    boolean has(int tag) {
      FieldDescriptor field = descriptor.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
      int wireType = WireFormat.getTagWireType(tag);
      return field != null
          && (wireType == field.getLiteType().getWireType()
              || field.isPackable() && wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED);
    }
  }

  private final Type<L> root;

  /**
   * Looks a type through, however deep; it must not contain itself.
   *
   * @param limits of repeated fields; those without are not counted
   */
  public EntryLimits(Descriptor type, Map<FieldDescriptor, L> limits) {
    this.root = type(type, limits);
  }

  private static <L> Type<L> type(Descriptor type, Map<FieldDescriptor, L> limits) {
    Map<Integer, Field<L>> fields = new HashMap<>();
    for (FieldDescriptor field : type.getFields()) {
      if (field.getLiteType().getWireType() == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        boolean message = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
        Type<L> inner = message ? type(field.getMessageType(), limits) : null;
        fields.put(field.getNumber(), new Field<>(field, fields.size(), limits.get(field), inner));
      }
    }
    return new Type<>(type, fields);
  }

  /**
   * Counts a message. What else is malformed is the parser's to say.
   *
   * @param most entries under a limit
   * @param name of a limit, as peers are told it
   * @param path what precedes the fields in the answer, such as "batch"; may be empty
   */
  public Counted count(
      Slice message, ToIntFunction<L> most, Function<L, String> name, String path) {
    Walk<L> walk = new Walk<>(most, name);
    CodedInputStream in =
        CodedInputStream.newInstance(message.array(), message.offset(), message.length());
    try {
      walk.message(root, new Place(root.fields().size()), in, path);
    } catch (IOException malformed) {
      // what was counted before it counts: the parser would make all of it first
    }
    return new Counted(
        Optional.ofNullable(walk.group),
        Optional.ofNullable(walk.tooMany()),
        walk.parsedBytes(message));
  }

  /**
   * The fields of one message. Of a field that is not repeated, a later message is merged into an
   * earlier one, and so is what was counted.
   */
  private static final class Place {
    private final int[] counts;
    private final Place[] inner;

    Place(int fields) {
      counts = new int[fields];
      inner = new Place[fields];
    }

    Place inner(int slot, int fields, boolean anew) {
      if (inner[slot] == null) {
        inner[slot] = new Place(fields);
      } else if (anew) {
        inner[slot].clear();
      }
      return inner[slot];
    }

    private void clear() {
      Arrays.fill(counts, 0);
      for (Place each : inner) {
        if (each != null) {
          each.clear();
        }
      }
    }
  }

  @OwnedBy("its caller")
  private static final class Walk<L> {
    private final ToIntFunction<L> most;
    private final Function<L, String> name;
    private long entries;
    private long unknown;
    private Fault group; // what is told of one that was found: nothing behind it is looked at
    private Field<L> tooMany; // that was found first; counted to its end
    private String where = "";
    private int found;

    Walk(ToIntFunction<L> most, Function<L, String> name) {
      this.most = most;
      this.name = name;
    }

    void message(Type<L> type, Place place, CodedInputStream in, String path) throws IOException {
      while (!in.isAtEnd()) {
        int tag = in.readTag();
        Field<L> field = type.fields().get(WireFormat.getTagFieldNumber(tag));
        if (field == null
            || WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
          if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_START_GROUP) {
            group = group(WireFormat.getTagFieldNumber(tag), path);
            return;
          }
          entries++;
          unknown += type.has(tag) ? 0 : 1; // it is kept as well
          if (!in.skipField(tag)) {
            return; // the end of a group; the parser says what is wrong
          }
          continue;
        }
        entries++;
        count(field, ++place.counts[field.slot()], path);
        int limit = in.pushLimit(in.readRawVarint32());
        if (field.type() == null || tooMany != null) {
          in.skipRawBytes(in.getBytesUntilLimit());
        } else {
          Place inner =
              place.inner(field.slot(), field.type().fields().size(), field.field().isRepeated());
          message(field.type(), inner, in, path(path, field));
          if (group != null) {
            return;
          }
        }
        in.popLimit(limit);
      }
    }

    private static Fault group(int number, String path) {
      return Fault.unimplemented(
          path.isEmpty() ? "the message" : path,
          "field " + number + " is a group, which this server knows none of; leave it out");
    }

    private String path(String path, Field<L> field) {
      return path.isEmpty() ? field.field().getName() : path + "." + field.field().getName();
    }

    @SuppressWarnings("ReferenceEquality") // each field is there once
    private void count(Field<L> field, int count, String path) {
      if (tooMany == null && field.limit() != null && count > most.applyAsInt(field.limit())) {
        tooMany = field;
        where = path(path, field);
      }
      if (tooMany == field) {
        found = Math.max(found, count);
      }
    }

    Fault tooMany() {
      return tooMany == null
          ? null
          : Fault.field(
              ErrorCode.TOO_LARGE,
              where,
              String.format(
                  "has %d entries, more than %s (%d); send less at once",
                  found, name.apply(tooMany.limit()), most.applyAsInt(tooMany.limit())));
    }

    long parsedBytes(Slice message) {
      return (long) BYTES_FACTOR * message.length()
          + ENTRY_BYTES * entries
          + (UNKNOWN_BYTES - ENTRY_BYTES) * unknown;
    }
  }
}
