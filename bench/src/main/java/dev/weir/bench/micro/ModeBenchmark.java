package dev.weir.bench.micro;

import dev.weir.service.core.mode.ThresholdDirection;
import dev.weir.service.log.LogRecord;
import dev.weir.service.view.EventTimeRange;
import dev.weir.service.view.ReducedRowPicker;
import dev.weir.service.view.RowPicker;
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

/** Measures how long a reduced mode takes to decide whether a reading is sent. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(EncodedBatches.READINGS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ModeBenchmark {
  private static final long SECOND_NANOS = 1_000_000_000L;

  private final LogRecord record = new EncodedBatches().record();
  private RowPicker picker;

  /** The mode. */
  @Param({"on-change", "sample", "threshold"})
  private String mode;

  /** A memory that holds the values of the batch once. */
  @Setup
  public final void begin() {
    picker = new ReducedRowPicker(id -> true, EventTimeRange.ALL, mode(), 1);
    pick();
  }

  private dev.weir.service.core.mode.Mode mode() {
    return switch (mode) {
      case "on-change" -> new dev.weir.service.core.mode.Mode.OnChange(0.5, 0);
      case "sample" -> new dev.weir.service.core.mode.Mode.Sample(SECOND_NANOS);
      default -> new dev.weir.service.core.mode.Mode.Threshold(20, ThresholdDirection.BOTH, 0.1);
    };
  }

  /** Chooses the rows of a batch. */
  @Benchmark
  public final RowPicker.Picked pick() {
    return picker.pick(record, 0);
  }
}
