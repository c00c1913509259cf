package dev.weir.bench.micro;

import dev.weir.service.core.Slice;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.log.LogRecord;
import dev.weir.service.wire.protobuf.DeliveryBatchPrefix;
import dev.weir.service.wire.protobuf.OutgoingMessage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Measures the cost of a delivery of one stored batch to a subscriber: its cursor, its header, and
 * the shared bytes on their way out. {@link AllocationCheck} watches what it allocates.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DeliveryBenchmark {
  private static final long EPOCH = 0x1_0000_0001L;

  private final LogRecord record = new EncodedBatches().record();
  private final Slice prefix = DeliveryBatchPrefix.prefix(record.batch().length());
  private Cursor cursor = Cursor.of(1, List.of(new Position(EPOCH, 0, 0, 0)));
  private long offset;

  /** Moves on by a record and writes the message. */
  @Benchmark
  public final int deliver() throws IOException {
    offset++;
    cursor = cursor.with(0, new Position(EPOCH, offset, offset * record.readings(), 0));
    OutgoingMessage frame =
        OutgoingMessage.delivery(
            1, cursor.text(), 0, record.readings(), List.of(prefix, record.batch()));
    frame.writeTo(OutputStream.nullOutputStream());
    return frame.length();
  }
}
