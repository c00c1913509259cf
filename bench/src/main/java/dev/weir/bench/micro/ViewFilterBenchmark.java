package dev.weir.bench.micro;

import dev.weir.service.log.LogRecord;
import dev.weir.service.view.EventTimeRange;
import dev.weir.service.view.EveryRowPicker;
import dev.weir.service.view.RowPicker;
import dev.weir.service.wire.columns.BatchFilter;
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
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Measures a view's time per reading of a batch of which it takes some sensors. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(EncodedBatches.READINGS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ViewFilterBenchmark {
  private final LogRecord record = new EncodedBatches().record();
  private RowPicker picker;

  /** One sensor in so many is selected. */
  @Param({"2", "100"})
  private int oneIn;

  /** A selection that costs next to nothing to ask, so that taking is what is measured. */
  @Setup
  public final void select() {
    picker = new EveryRowPicker(id -> id % oneIn == 0, EventTimeRange.ALL);
  }

  /** Chooses the rows, and encodes a batch of them. */
  @Benchmark
  public final BatchFilter.Filtered filter() {
    return BatchFilter.columns(
        record.batch(), picker.pick(record, 0).rows(), 0, Integer.MAX_VALUE, Integer.MAX_VALUE);
  }
}
