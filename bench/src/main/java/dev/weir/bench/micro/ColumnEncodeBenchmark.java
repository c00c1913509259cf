package dev.weir.bench.micro;

import dev.weir.client.internal.batch.ReadingBatch;
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

/**
 * Measures the client's time per reading that is gathered from {@code publish} calls, then encoded.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(EncodedBatches.READINGS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ColumnEncodeBenchmark {
  private final EncodedBatches batches = new EncodedBatches();
  private final ReadingBatch batch = batches.gather();

  /** The walk's arithmetic, and one {@code publish} call. */
  @Benchmark
  public Object publish() {
    return batches.gather();
  }

  /** A reading's part of a batch's encoding. */
  @Benchmark
  public byte[] encode() {
    return batches.encode(batch);
  }
}
