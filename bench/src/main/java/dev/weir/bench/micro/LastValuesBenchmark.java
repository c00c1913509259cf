package dev.weir.bench.micro;

import dev.weir.service.core.Slice;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.latest.LastValuesCut;
import dev.weir.service.latest.LastValuesFold;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Measures the server's time per reading to keep its sensor's last value. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(EncodedBatches.READINGS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LastValuesBenchmark {
  private final LastValuesFold values =
      new LastValuesFold(0, 1, 1 << 16, new Budget("latest_bytes_max", 0));
  private final Slice batch;
  private long offset;

  /** A batch as the client encodes it; folded again, each reading replaces the one before. */
  public LastValuesBenchmark() {
    EncodedBatches batches = new EncodedBatches();
    batch = Slice.of(batches.encode(batches.gather()));
    values.fold(batch, offset);
    if (values.cut().ordinals() != EncodedBatches.SENSORS + 1) {
      throw new IllegalStateException("not all sensors have a value");
    }
  }

  /** Folds a batch. */
  @Benchmark
  public final void fold() {
    values.fold(batch, ++offset);
  }

  /** The same with a cut taken after every batch, so that the next one copies chunks. */
  @Benchmark
  public final LastValuesCut foldAndCut() {
    values.fold(batch, ++offset);
    return values.cut();
  }
}
