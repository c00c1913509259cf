package dev.weir.service.wire.check;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Finds the readings that invalid texts of an unparsed batch belong to. */
final class InvalidTextRows {
  private InvalidTextRows() {}

  static List<Integer> of(List<MessageBytesCheck.BadText> badTexts, Fault fault, Slice batch) {
    if (fault.code() != ErrorCode.BAD_UTF8) {
      return List.of();
    }
    List<Integer> firstRows = firstRows(batch);
    Set<Integer> rows = new TreeSet<>();
    for (MessageBytesCheck.BadText bad : badTexts) {
      if (bad.topField() == Batch.ROWS_FIELD_NUMBER) {
        rows.add(bad.topIndex());
      } else if (bad.topField() == Batch.COLUMNS_FIELD_NUMBER) {
        rows.add(firstRows.get(bad.topIndex()) + bad.index());
      }
    }
    return List.copyOf(rows);
  }

  /** The row of each run's first reading, from the counts alone: the texts cannot be parsed. */
  private static List<Integer> firstRows(Slice batch) {
    CodedInputStream in =
        CodedInputStream.newInstance(batch.array(), batch.offset(), batch.length());
    var firstRows = new ArrayList<Integer>();
    int rows = 0;
    try {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (WireFormat.getTagFieldNumber(tag) == Batch.COLUMNS_FIELD_NUMBER) {
          firstRows.add(rows);
          rows += count(in.readByteArray());
        } else {
          in.skipField(tag);
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("the batch was checked to be well formed", e);
    }
    return firstRows;
  }

  private static int count(byte[] columns) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(columns);
    int count = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagFieldNumber(tag) == Columns.COUNT_FIELD_NUMBER) {
        count = in.readUInt32();
      } else {
        in.skipField(tag);
      }
    }
    return count;
  }
}
