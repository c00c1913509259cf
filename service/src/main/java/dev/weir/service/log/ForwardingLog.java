package dev.weir.service.log;

import dev.weir.service.core.cursor.LogRange;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A partition's log that hands every call to another one; a subclass overrides the calls that it
 * changes. Nothing of the server uses it: tests and the module fault-injection do. As that log.
 */
public abstract class ForwardingLog implements PartitionLog {
  protected final PartitionLog log;

  protected ForwardingLog(PartitionLog log) {
    this.log = log;
  }

  @Override
  public void append(List<LogRecord> records, Consumer<AppendOutcome> done) {
    log.append(records, done);
  }

  @Override
  public long epoch() {
    return log.epoch();
  }

  @Override
  public List<EpochStart> epochs() {
    return log.epochs();
  }

  @Override
  public LogRange range() {
    return log.range();
  }

  @Override
  public long startOffset() {
    return log.startOffset();
  }

  @Override
  public long startReadings() {
    return log.startReadings();
  }

  @Override
  public long bytes() {
    return log.bytes();
  }

  @Override
  public long endOffset() {
    return log.endOffset();
  }

  @Override
  public long lastAppendTimeNanos() {
    return log.lastAppendTimeNanos();
  }

  @Override
  public long endReadings() {
    return log.endReadings();
  }

  @Override
  public boolean hasRoomFor(long bytes) {
    return log.hasRoomFor(bytes);
  }

  @Override
  public int recordBytesMax() {
    return log.recordBytesMax();
  }

  @Override
  public boolean hasRoom() {
    return log.hasRoom();
  }

  @Override
  public void onDropped(Runnable dropped) {
    log.onDropped(dropped);
  }

  @Override
  public boolean poisoned() {
    return log.poisoned();
  }

  @Override
  public LogReader read(long offset, boolean bodies) throws IOException {
    return log.read(offset, bodies);
  }

  @Override
  public long offsetAt(long appendTimeNanos) throws IOException {
    return log.offsetAt(appendTimeNanos);
  }

  @Override
  public boolean lacksCheckpoint() {
    return log.lacksCheckpoint();
  }

  @Override
  public long checkpointBytes() throws IOException {
    return log.checkpointBytes();
  }

  @Override
  public Optional<Checkpoint> checkpoint() throws IOException {
    return log.checkpoint();
  }

  @Override
  public void checkpoint(Checkpoint checkpoint) throws IOException {
    log.checkpoint(checkpoint);
  }

  @Override
  public void checkpoint(Checkpoint head, CheckpointState state) throws IOException {
    log.checkpoint(head, state);
  }

  @Override
  public boolean retain(Retention terms) throws IOException {
    return log.retain(terms);
  }

  @Override
  public void close() throws IOException {
    log.close();
  }
}
