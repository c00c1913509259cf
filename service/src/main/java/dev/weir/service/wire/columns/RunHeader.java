package dev.weir.service.wire.columns;

import dev.weir.common.OwnedBy;
import dev.weir.common.protobuf.FieldTags;
import dev.weir.common.protobuf.ProtobufReader;
import dev.weir.v1.Kind;

/**
 * The places of the columns of one canonical run: the strict grammar of docs/formats-batch.md,
 * without the entries of its varint and text columns. Owned by the call that made it.
 */
@OwnedBy("its caller")
public final class RunHeader {
  private final byte[] array;

  int from;
  int end;
  public int count;
  public int kind;
  public int idsFrom;
  public int idsEnd;

  /** One id stands for all readings. */
  public boolean oneId;

  public int firstId;
  public long timeBase;
  public long timeStep;
  public long timeUnit;
  public int offsetsFrom;
  public int offsetsEnd;
  public int valuesFrom;
  public int valuesEnd;

  public RunHeader(byte[] array) {
    this.array = array;
  }

  /** Takes a Columns entry of a batch. False, and nothing here counts, if it is not canonical. */
  public boolean read(ProtobufReader batch) {
    from = batch.at();
    if (!batch.tag(FieldTags.BATCH_COLUMNS)) {
      return false;
    }
    int length = batch.length();
    var in = new ProtobufReader(array, batch.at(), batch.at() + length);
    batch.skip(length);
    end = batch.at();
    return readIds(in) && readTimes(in) && readValues(in) && !in.failed();
  }

  private boolean readIds(ProtobufReader in) {
    count = in.tag(FieldTags.COUNT) ? in.uint32() : 0;
    if (count < 1 || !in.tag(FieldTags.SENSOR_IDS)) {
      return false;
    }
    int length = in.length();
    idsFrom = in.at();
    idsEnd = idsFrom + length;
    if (length == 0) {
      return false;
    }
    firstId = in.uint32();
    oneId = in.at() == idsEnd;
    in.range(idsEnd, end);
    return true;
  }

  private boolean readTimes(ProtobufReader in) {
    boolean hasBase = in.tag(FieldTags.TIME_BASE);
    timeBase = hasBase ? in.fixed64() : 0;
    boolean hasStep = in.tag(FieldTags.TIME_STEP);
    timeStep = hasStep ? in.zigzag() : 0;
    boolean hasUnit = in.tag(FieldTags.TIME_UNIT);
    timeUnit = hasUnit ? in.varint() : 1;
    if ((hasBase && timeBase == 0) || (hasStep && timeStep == 0) || timeUnit == 0) {
      return false;
    }
    boolean hasOffsets = in.tag(FieldTags.TIME_OFFSETS);
    int length = hasOffsets ? in.length() : 0;
    offsetsFrom = in.at();
    offsetsEnd = offsetsFrom + length;
    in.skip(length);
    return !hasOffsets || length > 0;
  }

  private boolean readValues(ProtobufReader in) {
    valuesFrom = in.at();
    valuesEnd = end;
    for (kind = Kind.KIND_DOUBLE_VALUE; kind <= Kind.KIND_BLOB_VALUE; kind++) {
      if (in.left() > 0 && array[in.at()] == FieldTags.values(kind)) {
        return isText() || readPacked(in);
      }
    }
    return false;
  }

  private boolean readPacked(ProtobufReader in) {
    in.skip(1);
    int length = in.length();
    valuesFrom = in.at();
    return length == in.left()
        && switch (kind) {
          case Kind.KIND_DOUBLE_VALUE -> length == (long) count * Double.BYTES;
          case Kind.KIND_BOOLEAN_VALUE -> length == count;
          default -> length >= count;
        };
  }

  /**
   * Returns whether the values are entries of a repeated TEXT or BLOB field rather than one packed
   * run.
   */
  boolean isText() {
    return kind >= Kind.KIND_TEXT_VALUE;
  }

  public boolean hasOffsets() {
    return offsetsEnd > offsetsFrom;
  }
}
