package dev.weir.client.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.v1.Kind;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Pieces of a part: together they are the part, and each fits where that can be. */
class FramePieceCutterProperties {
  private static final int KINDS = 5;

  @Property(tries = 500)
  void whateverTheBounds_piecesAreThePartInOrder_andFit(@ForAll long seed) {
    Random random = new Random(seed);
    ReadingBatch whole = part(random);
    BatchBounds bounds = new BatchBounds(1 + random.nextInt(40), 600 + random.nextInt(2_000));
    FramePieceCutter cutter = new FramePieceCutter(whole);
    List<ReadingBatch> pieces = new ArrayList<>();
    while (cutter.left() > 0) {
      int from = cutter.done();
      int most = 1 + random.nextInt(cutter.left());
      ReadingBatch piece = cutter.take(cutter.fitting(most, bounds));
      assertThat(piece.piece()).isEqualTo(new FramePiece(7, from));
      assertThat(piece.readings()).isBetween(1, Math.min(most, bounds.readingsMax()));
      assertThat(piece.weightBytes() <= bounds.bytesMax() || piece.readings() == 1).isTrue();
      pieces.add(piece);
    }
    assertThat(pieces.stream().mapToInt(ReadingBatch::readings).sum()).isEqualTo(whole.readings());
    for (int kind = Kind.KIND_DOUBLE_VALUE; kind <= Kind.KIND_BLOB_VALUE; kind++) {
      assertThat(column(pieces, kind)).isEqualTo(column(List.of(whole), kind));
    }
  }

  @Property(tries = 100)
  void boundsThatHoldAllOfIt_cutNothing(@ForAll long seed) {
    ReadingBatch whole = part(new Random(seed));
    FramePieceCutter cutter = new FramePieceCutter(whole);
    assertThat(cutter.fitting(whole.readings(), BatchBounds.NONE)).isEqualTo(whole.readings());
    assertThat(cutter.take(whole.readings())).isSameAs(whole);
    assertThat(cutter.left()).isZero();
  }

  private static ReadingBatch part(Random random) {
    ReadingBatch part = ReadingBatch.ofPiece(new FramePiece(7, 0), "");
    int count = 1 + random.nextInt(100);
    for (int i = 0; i < count; i++) {
      int kind = Kind.KIND_DOUBLE_VALUE + random.nextInt(KINDS);
      int payloadBytes = 0;
      switch (kind) {
        case Kind.KIND_DOUBLE_VALUE -> part.column(kind).addDouble(kind, i, random.nextDouble());
        case Kind.KIND_INTEGER_VALUE ->
            part.column(kind).addInteger(kind, i, random.nextLong() >> random.nextInt(64));
        case Kind.KIND_BOOLEAN_VALUE -> part.column(kind).addBoolean(kind, i, random.nextBoolean());
        default -> {
          byte[] value = new byte[random.nextInt(10) == 0 ? 3_000 : random.nextInt(200)];
          part.column(kind).addBytes(kind, i, value);
          payloadBytes = value.length;
        }
      }
      part.added(payloadBytes);
    }
    return part;
  }

  /** All readings of a kind, one after the other. */
  private static List<Object> column(List<ReadingBatch> pieces, int kind) {
    List<Object> readings = new ArrayList<>();
    ByteArrayOutputStream values = new ByteArrayOutputStream();
    for (ReadingBatch piece : pieces) {
      ColumnBuffer column = piece.columnOrNull(kind);
      for (int i = 0; column != null && i < column.count; i++) {
        readings.add(column.slots[i]);
        readings.add(column.times[i]);
      }
      if (column != null) {
        values.write(column.values, 0, column.valueBytes);
      }
    }
    readings.add(java.util.HexFormat.of().formatHex(values.toByteArray()));
    return readings;
  }
}
