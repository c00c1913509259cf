package dev.weir.service.wire.columns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.Slice;
import dev.weir.service.wire.check.BatchCheck;
import dev.weir.service.wire.check.BatchCheckResult;
import dev.weir.service.wire.check.BatchLimits;
import dev.weir.service.wire.protobuf.ProtobufWriter;
import java.math.BigInteger;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Event times: the exact arithmetic, and that every list of times survives its encoding. */
class EventTimePropertiesTest {
  private static final BigInteger MIN = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger MAX = BigInteger.valueOf(Long.MAX_VALUE);

  @Property(tries = 10_000)
  void wideTime_agreesWithBigInteger(@ForAll long seed) {
    var random = new Random(seed);
    int index = random.nextInt(1 << 20);
    long base = random.nextLong() >> random.nextInt(64);
    long step = random.nextLong() >> random.nextInt(64);
    long offset = random.nextLong() >> random.nextInt(64);
    long unit = random.nextLong() >>> random.nextInt(64);
    BigInteger exact =
        BigInteger.valueOf(base)
            .add(BigInteger.valueOf(index).multiply(BigInteger.valueOf(step)))
            .add(BigInteger.valueOf(offset).multiply(new BigInteger(Long.toUnsignedString(unit))));
    boolean expected = exact.compareTo(MIN) >= 0 && exact.compareTo(MAX) <= 0;
    assertThat(EventTimeArithmetic.fits(base, index, step, offset, unit)).isEqualTo(expected);
    long magnitude = offset ^ offset >> 63;
    if (EventTimeArithmetic.surelyFits(base, index + 1, step, magnitude, unit)) {
      assertThat(expected).isTrue();
    }
  }

  @Property(tries = 2_000)
  void anyTimes_surviveTheirEncoding(@ForAll long seed) {
    long[] times = times(new Random(seed));
    var run = new RunBuilder(1);
    for (long time : times) {
      run.addDouble(7, time, 0.5);
    }
    var batch = new ProtobufWriter(16);
    run.write(batch, null);
    Slice bytes = Slice.of(batch.toBytes());
    assertThat(BatchCheck.check(bytes, id -> 1, new BatchLimits(1_000, 1)))
        .isInstanceOf(BatchCheckResult.Canonical.class);
    var reader = new ColumnsReader(bytes);
    assertThat(reader.nextRun()).isTrue();
    for (long time : times) {
      assertThat(reader.nextReading()).isTrue();
      assertThat(reader.timeNanos()).isEqualTo(time);
    }
  }

  private static long[] times(Random random) {
    long[] times = new long[1 + random.nextInt(50)];
    int shape = random.nextInt(5);
    long base = random.nextInt(4) == 0 ? 0 : random.nextLong() >> random.nextInt(64);
    long step = random.nextLong() >> 8 + random.nextInt(50);
    long unit = new long[] {1, 1_000, 1_000_000, 7}[random.nextInt(4)];
    for (int i = 0; i < times.length; i++) {
      times[i] =
          switch (shape) {
            case 0 -> base;
            case 1 -> base + i * step;
            case 2 -> base + i * 10_000L * unit + random.nextInt(100) * unit;
            case 3 -> random.nextLong();
            default -> random.nextBoolean() ? Long.MIN_VALUE : Long.MAX_VALUE;
          };
    }
    return times;
  }
}
