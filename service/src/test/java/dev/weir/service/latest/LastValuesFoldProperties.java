package dev.weir.service.latest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.weir.service.core.Slice;
import dev.weir.service.core.budget.Budget;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Last values of random logs, against a plain map of what the generated classes read. */
class LastValuesFoldProperties {
  private static final int VALUE_BYTES_MAX = 16;
  private static final int SENSORS = 40;

  @Property(tries = 200)
  void foldedBatches_giveWhatTheRuleSays(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 5) int partitionCount) {
    Random random = new Random(seed);
    int partition = random.nextInt(partitionCount);
    int[] sensors = sparse(random, partition, partitionCount);
    Budget budget = new Budget("latest_bytes_max", 1 << 20);
    LastValuesFold values = new LastValuesFold(partition, partitionCount, VALUE_BYTES_MAX, budget);
    Map<Integer, ExpectedReading> expected = new TreeMap<>();
    List<LastValuesCut> cuts = new ArrayList<>();
    List<Map<Integer, ExpectedReading>> expectedOfCuts = new ArrayList<>();
    for (int offset = 0; offset < 12; offset++) {
      Slice batch = ExpectedReading.batch(random, 1 + random.nextInt(60), sensors);
      values.fold(batch, offset);
      ExpectedReading.fold(batch, offset, expected);
      if (random.nextInt(3) == 0) {
        cuts.add(values.cut());
        expectedOfCuts.add(withoutLarge(expected));
      }
    }
    assertThat(ExpectedReading.of(values.cut())).isEqualTo(withoutLarge(expected));
    for (int i = 0; i < cuts.size(); i++) {
      assertThat(ExpectedReading.of(cuts.get(i)))
          .as("a cut never changes")
          .isEqualTo(expectedOfCuts.get(i));
    }
    assertThat(budget.used()).isEqualTo(charged(values.cut()));
    values.close();
    assertThat(budget.used()).isZero();
  }

  @Property(tries = 50)
  void runsOfManyBlocksAndChunks_giveWhatTheRuleSays(@ForAll long seed) {
    Random random = new Random(seed);
    int[] sensors = random.ints(400, 0, 600).map(i -> 5 * i).toArray(); // all of one kind
    LastValuesFold values =
        new LastValuesFold(0, 1, VALUE_BYTES_MAX, new Budget("latest_bytes_max", 0));
    Map<Integer, ExpectedReading> expected = new TreeMap<>();
    for (int offset = 0; offset < 4; offset++) {
      Slice batch = ExpectedReading.batch(random, 200 + random.nextInt(700), sensors);
      values.fold(batch, offset);
      ExpectedReading.fold(batch, offset, expected);
      Map<Integer, ExpectedReading> expectedOfCut = new TreeMap<>(expected);
      LastValuesCut cut = values.cut();
      assertThat(ExpectedReading.of(cut)).isEqualTo(expectedOfCut);
      values.fold(batch, offset);
      assertThat(ExpectedReading.of(cut)).as("a cut never changes").isEqualTo(expectedOfCut);
    }
  }

  @Property(tries = 100)
  void valuesCopiedFromACut_areItsOwn(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    int[] sensors = sparse(random, 0, 1);
    Budget budget = new Budget("latest_bytes_max", 1 << 20);
    LastValuesFold values = new LastValuesFold(0, 1, VALUE_BYTES_MAX, budget);
    values.fold(ExpectedReading.batch(random, 50, sensors), 0);
    LastValuesCut cut = values.cut();
    Map<Integer, ExpectedReading> expected = ExpectedReading.of(cut);
    LastValuesFold begun = new LastValuesFold(0, 1, VALUE_BYTES_MAX, budget);
    for (int ordinal = 0; ordinal < cut.ordinals(); ordinal++) {
      if (cut.has(ordinal)) {
        begun.copy(cut, ordinal);
      }
    }
    LastValuesFold read = new LastValuesFold(0, 1, VALUE_BYTES_MAX, budget);
    CutCodec.read(new DataInputStream(new ByteArrayInputStream(form(cut))), read);
    assertThat(ExpectedReading.of(begun.cut())).isEqualTo(expected);
    assertThat(ExpectedReading.of(read.cut())).isEqualTo(expected);
    assertThat(budget.used()).isEqualTo(3 * charged(cut));

    Slice more = ExpectedReading.batch(random, 50, sensors);
    Map<Integer, ExpectedReading> expectedBehind = new TreeMap<>(expected);
    begun.fold(more, 1);
    ExpectedReading.fold(more, 1, expectedBehind);
    assertThat(ExpectedReading.of(begun.cut())).isEqualTo(withoutLarge(expectedBehind));
    assertThat(ExpectedReading.of(cut)).isEqualTo(expected);
    assertThat(ExpectedReading.of(values.cut())).isEqualTo(expected);
    begun.close();
    values.close();
    assertThat(budget.used()).isEqualTo(charged(read.cut()));
  }

  private static byte[] form(LastValuesCut cut) throws IOException {
    var bytes = new ByteArrayOutputStream();
    CutCodec.write(cut, new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  /** Neighbours, and some far away in other chunks. */
  private static int[] sparse(Random random, int partition, int partitionCount) {
    int[] sensors = ExpectedReading.sensors(partition, partitionCount, SENSORS);
    for (int i = 0; i < 5; i++) {
      sensors[random.nextInt(SENSORS)] = random.nextInt(6_000) * partitionCount + partition;
    }
    return sensors;
  }

  private static Map<Integer, ExpectedReading> withoutLarge(Map<Integer, ExpectedReading> all) {
    Map<Integer, ExpectedReading> kept = new TreeMap<>();
    all.forEach(
        (sensor, last) ->
            kept.put(
                sensor,
                length(last.value()) > VALUE_BYTES_MAX
                    ? new ExpectedReading(
                        last.kind(), last.timeNanos(), null, last.offset(), last.row())
                    : last));
    return kept;
  }

  private static int length(Object value) {
    if (value instanceof String text) {
      return text.getBytes(StandardCharsets.UTF_8).length;
    }
    return value instanceof ByteString bytes ? bytes.size() : 0;
  }

  private static long charged(LastValuesCut cut) {
    long bytes = 0;
    for (ExpectedReading last : ExpectedReading.of(cut).values()) {
      boolean text = last.value() instanceof String;
      if (text || last.value() instanceof ByteString) {
        bytes += length(last.value()) + LastValuesFold.VALUE_OVERHEAD_BYTES;
      }
    }
    return bytes;
  }
}
