package dev.weir.service.wire.columns;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.service.core.Slice;
import dev.weir.service.wire.check.BatchCheck;
import dev.weir.service.wire.check.BatchCheckResult;
import dev.weir.service.wire.check.BatchLimits;
import dev.weir.service.wire.check.BatchRecoder;
import dev.weir.service.wire.check.GeneratedBatchReader;
import dev.weir.service.wire.check.NamedBatch;
import dev.weir.service.wire.check.RandomBatches;
import dev.weir.v1.Batch;
import dev.weir.v1.Delivery;
import dev.weir.v1.ReadResponse;
import dev.weir.v1.Reading;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever is taken out of a stored batch, and from where, is what the whole batch says. */
class DeliveryPropertiesTest {
  private static final BatchLimits LIMITS = new BatchLimits(100_000, 4_096);

  @Property
  void reader_saysWhatTheGeneratedParserSays(@ForAll long seed) {
    Stored stored = new Stored(seed);
    assertThat(read(stored.bytes)).isEqualTo(stored.rows);
  }

  @Property
  void distinctIds_areThoseOfTheReadings(@ForAll long seed) {
    Stored stored = new Stored(seed);
    int[] expected =
        stored.rows.stream().mapToInt(row -> id(row.sensor())).distinct().sorted().toArray();
    assertThat(SensorIdSet.distinct(stored.bytes)).isEqualTo(expected);
  }

  @Property(tries = 200)
  void filterFromEveryRow_givesTheMatchingSuffix(@ForAll long seed) {
    Stored stored = new Stored(seed);
    for (int fromRow = 0; fromRow <= stored.rows.size(); fromRow++) {
      var filtered =
          BatchFilter.columns(
              stored.bytes, stored.set, fromRow, Integer.MAX_VALUE, Integer.MAX_VALUE);
      var expected = stored.matchingFrom(fromRow);
      assertThat(filtered.readings()).isEqualTo(expected.size());
      assertThat(filtered.rowsDone()).isEqualTo(stored.rows.size());
      assertCanonical(stored, filtered.batch(), expected);
    }
  }

  @Property
  void filterInPieces_losesNothingAndKeepsTheBounds(@ForAll long seed) {
    Stored stored = new Stored(seed);
    var random = new Random(seed);
    int readingsMax = random.nextBoolean() ? Integer.MAX_VALUE : 1 + random.nextInt(20);
    int bytesMax = random.nextInt(4) == 0 ? Integer.MAX_VALUE : random.nextInt(1_000);
    var got = new ArrayList<GeneratedBatchReader.Row>();
    int rowsDone = 0;
    while (rowsDone < stored.rows.size()) {
      var piece = BatchFilter.columns(stored.bytes, stored.set, rowsDone, readingsMax, bytesMax);
      assertThat(piece.readings()).isLessThanOrEqualTo(readingsMax);
      assertThat(piece.readings() <= 1 || piece.batch().length() <= bytesMax).isTrue();
      assertThat(piece.rowsDone()).isGreaterThan(rowsDone);
      assertCanonical(stored, piece.batch(), stored.matchingBetween(rowsDone, piece.rowsDone()));
      assertThat(piece.readings() > 0 || stored.matchingFrom(rowsDone).isEmpty()).isTrue();
      rowsDone = piece.rowsDone();
      got.addAll(read(piece.batch()));
    }
    assertThat(got).isEqualTo(stored.matchingFrom(0));
  }

  @Property
  void filterThatDropsNothing_givesTheSameSlice(@ForAll long seed) {
    Stored stored = new Stored(seed);
    int rows = stored.rows.size();
    for (RowSet all : List.of(RowSet.all(rows), RowSet.of(stored.bytes, 0, at -> true))) {
      var filtered = BatchFilter.columns(stored.bytes, all, 0, rows, stored.bytes.length());
      assertThat(filtered.batch()).isSameAs(stored.bytes);
      assertThat(filtered.readings()).isEqualTo(rows);
      assertThat(filtered.rowsDone()).isEqualTo(rows);
      var first = BatchFilter.columns(stored.bytes, all, 0, rows, stored.bytes.length() - 1);
      assertThat(first.readings()).isLessThanOrEqualTo(Math.max(1, rows - 1));
      assertThat(first.batch().length() < stored.bytes.length() || rows == 1).isTrue();
    }
  }

  @Property(tries = 200)
  void rowsFromEveryRow_giveTheMatchingSuffixWithCursors(@ForAll long seed)
      throws InvalidProtocolBufferException {
    Stored stored = new Stored(seed);
    var encoder = RowEncoder.delivery(DeliveryPropertiesTest::name);
    for (int fromRow = 0; fromRow <= stored.rows.size(); fromRow++) {
      var rows =
          encoder.rows(
              stored.bytes,
              stored.set,
              fromRow,
              Integer.MAX_VALUE,
              Integer.MAX_VALUE,
              Integer::toString);
      var delivery = Delivery.parseFrom(rows.entries().toBytes());
      assertThat(rows.readings()).isEqualTo(delivery.getReadingsCount());
      assertThat(rows.rowsDone()).isEqualTo(stored.rows.size());
      assertThat(truth(delivery.getReadingsList())).isEqualTo(stored.matchingFrom(fromRow));
      for (Reading reading : delivery.getReadingsList()) {
        int row = Integer.parseInt(reading.getCursor()) - 1;
        assertThat(GeneratedBatchReader.row(reading, 0)).isEqualTo(stored.rows.get(row));
      }
    }
  }

  @Property
  void rowsInPieces_loseNothingAndKeepTheBounds(@ForAll long seed)
      throws InvalidProtocolBufferException {
    Stored stored = new Stored(seed);
    var random = new Random(seed);
    int readingsMax = 1 + random.nextInt(20);
    int bytesMax = random.nextInt(300);
    var encoder = RowEncoder.read(DeliveryPropertiesTest::name);
    var got = new ArrayList<GeneratedBatchReader.Row>();
    int rowsDone = 0;
    while (rowsDone < stored.rows.size()) {
      var piece =
          encoder.rows(stored.bytes, stored.set, rowsDone, readingsMax, bytesMax, row -> "");
      assertThat(piece.readings()).isLessThanOrEqualTo(readingsMax);
      assertThat(piece.readings() <= 1 || piece.entries().length() <= bytesMax).isTrue();
      assertThat(piece.rowsDone()).isGreaterThan(rowsDone);
      rowsDone = piece.rowsDone();
      var readings = ReadResponse.parseFrom(piece.entries().toBytes()).getReadingsList();
      assertThat(readings).allMatch(reading -> reading.getCursor().isEmpty());
      got.addAll(truth(readings));
      assertThat(got).isEqualTo(stored.matchingBetween(0, rowsDone));
    }
    assertThat(got).isEqualTo(stored.matchingFrom(0));
  }

  private static void assertCanonical(
      Stored stored, Slice batch, List<GeneratedBatchReader.Row> expected) {
    if (expected.isEmpty()) {
      assertThat(batch.length()).isZero();
      return;
    }
    assertThat(read(batch)).isEqualTo(expected);
    assertThat(BatchCheck.check(batch, RandomBatches.KINDS, LIMITS))
        .isInstanceOfSatisfying(
            BatchCheckResult.Canonical.class,
            canonical -> {
              assertThat(canonical.readings()).isEqualTo(expected.size());
              assertThat(canonical.traceparent()).isEqualTo(stored.traceparent);
            });
  }

  private static List<GeneratedBatchReader.Row> truth(List<Reading> readings) {
    return readings.stream().map(reading -> GeneratedBatchReader.row(reading, 0)).toList();
  }

  private static byte[] name(int id) {
    return ("s" + id).getBytes(StandardCharsets.UTF_8);
  }

  private static int id(String sensor) {
    return Integer.parseInt(sensor.substring(1));
  }

  private static List<GeneratedBatchReader.Row> read(Slice batch) {
    var rows = new ArrayList<GeneratedBatchReader.Row>();
    var reader = new ColumnsReader(batch);
    while (reader.nextRun()) {
      while (reader.nextReading()) {
        assertThat(reader.row()).isEqualTo(rows.size());
        Object value =
            switch (reader.kind()) {
              case 1 -> reader.doubleBits();
              case 2 -> reader.integerValue();
              case 3 -> reader.booleanValue();
              case 4 -> new String(reader.bytesValue().toBytes(), StandardCharsets.UTF_8);
              default -> ByteString.copyFrom(reader.bytesValue().toBytes());
            };
        rows.add(new GeneratedBatchReader.Row("s" + reader.sensorId(), reader.timeNanos(), value));
      }
    }
    return rows;
  }

  /** A canonical batch, what it says, and a random set of its rows. */
  private static final class Stored {
    final Slice bytes;
    final List<GeneratedBatchReader.Row> rows;
    final String traceparent;
    final RowSet set;

    Stored(long seed) {
      Batch batch = new RandomBatches(seed).columns(true);
      var recoded = BatchRecoder.decode(batch, RandomBatches.KINDS, 0, LIMITS);
      assertThat(recoded).isInstanceOf(NamedBatch.class);
      NamedBatch named = (NamedBatch) recoded;
      bytes = named.encode(named.sensors().stream().mapToInt(sensor -> sensor.getId()).toArray());
      rows = GeneratedBatchReader.of(batch, 0, id -> "s" + id);
      traceparent = batch.getTraceparent();
      var random = new Random(seed);
      int wanted = random.nextInt();
      set =
          switch (random.nextInt(3)) {
            case 0 -> RowSet.matching(bytes, 0, id -> (wanted >> id & 1) == 1);
            case 1 -> RowSet.of(bytes, 0, at -> (wanted >> at.row() & 1) == 1);
            default -> RowSet.all(rows.size());
          };
    }

    List<GeneratedBatchReader.Row> matchingFrom(int row) {
      return matchingBetween(row, rows.size());
    }

    List<GeneratedBatchReader.Row> matchingBetween(int from, int end) {
      return IntStream.range(from, end).filter(set::contains).mapToObj(rows::get).toList();
    }
  }
}
