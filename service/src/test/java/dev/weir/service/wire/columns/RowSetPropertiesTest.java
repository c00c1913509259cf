package dev.weir.service.wire.columns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.Slice;
import dev.weir.service.wire.check.BatchLimits;
import dev.weir.service.wire.check.BatchRecoder;
import dev.weir.service.wire.check.NamedBatch;
import dev.weir.service.wire.check.RandomBatches;
import dev.weir.service.wire.protobuf.ProtobufWriter;
import dev.weir.v1.Batch;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** A set of rows holds what its test said about each reading, and agrees with a BitSet. */
class RowSetPropertiesTest {
  private static final BatchLimits LIMITS = new BatchLimits(100_000, 4_096);

  private static Slice batch(long seed) {
    Batch batch = new RandomBatches(seed).columns(true);
    NamedBatch named = (NamedBatch) BatchRecoder.decode(batch, RandomBatches.KINDS, 0, LIMITS);
    return named.encode(named.sensors().stream().mapToInt(sensor -> sensor.getId()).toArray());
  }

  private static List<Integer> sensors(Slice batch) {
    var ids = new ArrayList<Integer>();
    var reader = new ColumnsReader(batch);
    while (reader.nextRun()) {
      while (reader.nextReading()) {
        ids.add(reader.sensorId());
      }
    }
    return ids;
  }

  private static void assertHolds(RowSet set, BitSet expected, int rows) {
    for (int row = -1; row <= rows + 64; row++) {
      assertThat(set.contains(row)).isEqualTo(row >= 0 && expected.get(row));
      BitSet behind = (BitSet) expected.clone();
      behind.clear(0, Math.max(0, row));
      assertThat(set.countFrom(row)).isEqualTo(behind.cardinality());
      for (int end = row; end <= rows + 1; end += 7) {
        BitSet between = (BitSet) behind.clone();
        between.clear(Math.max(0, end), rows + 1);
        assertThat(set.countBetween(row, end)).isEqualTo(between.cardinality());
      }
    }
    assertThat(set.count()).isEqualTo(expected.cardinality());
    assertThat(set.isAll()).isEqualTo(expected.cardinality() == rows);
  }

  @Property(tries = 100)
  void readingTest_seesEveryReadingOnceInOrder(@ForAll long seed) {
    Slice batch = batch(seed);
    int rows = sensors(batch).size();
    var random = new Random(seed);
    int fromRow = random.nextInt(3) == 0 ? 0 : random.nextInt(rows + 1);
    int likely = random.nextInt(11);
    var expected = new BitSet();
    var seen = new ArrayList<Integer>();
    RowSet set =
        RowSet.of(
            batch,
            fromRow,
            at -> {
              seen.add(at.row());
              boolean in = random.nextInt(10) < likely;
              expected.set(at.row(), in);
              return in;
            });
    assertThat(seen).isEqualTo(IntStream.range(fromRow, rows).boxed().toList());
    assertHolds(set, expected, rows);
  }

  @Property(tries = 100)
  void matchingIds_areThoseOfTheReadings(@ForAll long seed) {
    Slice batch = batch(seed);
    List<Integer> sensors = sensors(batch);
    var random = new Random(seed);
    int fromRow = random.nextBoolean() ? 0 : random.nextInt(sensors.size() + 1);
    int wanted = random.nextInt(4) == 0 ? -1 : random.nextInt();
    var expected = new BitSet();
    for (int row = fromRow; row < sensors.size(); row++) {
      expected.set(row, (wanted >> sensors.get(row) & 1) == 1);
    }
    RowSet set = RowSet.matching(batch, fromRow, id -> (wanted >> id & 1) == 1);
    assertHolds(set, expected, sensors.size());
  }

  @Example
  void idOfAWholeRun_isTestedOnce() {
    var run = new RunBuilder(1);
    for (int i = 0; i < 1_000; i++) {
      run.addDouble(7, i, 0.5);
    }
    var batch = new ProtobufWriter(16);
    run.write(batch, null);
    var asked = new ArrayList<Integer>();
    RowSet set = RowSet.matching(Slice.of(batch.toBytes()), 0, id -> asked.add(id));
    assertThat(asked).containsExactly(7);
    assertThat(set.isAll()).isTrue();
  }

  @Example
  void allAndNone_areWhatTheySay() {
    var expected = new BitSet();
    expected.set(0, 70);
    assertHolds(RowSet.all(70), expected, 70);
    assertHolds(RowSet.none(), new BitSet(), 70);
  }
}
