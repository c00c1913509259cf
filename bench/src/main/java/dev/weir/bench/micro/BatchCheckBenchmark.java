package dev.weir.bench.micro;

import dev.weir.service.core.Slice;
import dev.weir.service.wire.check.BatchCheck;
import dev.weir.service.wire.check.BatchCheckResult;
import dev.weir.service.wire.check.BatchLimits;
import dev.weir.service.wire.check.SensorKinds;
import dev.weir.v1.Kind;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Measures how long the server takes to check a reading of a canonical batch. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(EncodedBatches.READINGS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BatchCheckBenchmark {
  private static final SensorKinds EACH =
      id -> id <= EncodedBatches.SENSORS ? Kind.KIND_DOUBLE_VALUE : Kind.KIND_UNSPECIFIED_VALUE;

  private static final SensorKinds ALIKE =
      new SensorKinds() {
        @Override
        public int kindOf(int sensorId) {
          return EACH.kindOf(sensorId);
        }

        @Override
        public Range alike() {
          return new Range(Kind.KIND_DOUBLE_VALUE, 0, EncodedBatches.SENSORS + 1);
        }
      };

  /** True if the server knows that all ids are of one kind. */
  @Param({"true", "false"})
  public boolean alike;

  private final BatchLimits limits = new BatchLimits(65_536, 4_096);
  private final Slice batch;

  /** A batch as the client encodes it. */
  public BatchCheckBenchmark() {
    EncodedBatches batches = new EncodedBatches();
    batch = Slice.of(batches.encode(batches.gather()));
    if (!(check() instanceof BatchCheckResult.Canonical)) {
      throw new IllegalStateException("the client's batch is not canonical");
    }
  }

  /** The gate that a batch passes before it is stored as it is. */
  @Benchmark
  public final BatchCheckResult check() {
    return BatchCheck.check(batch, alike ? ALIKE : EACH, limits);
  }
}
