package dev.weir.client.internal.batch;

import dev.weir.common.OwnedBy;
import dev.weir.v1.Batch;
import dev.weir.v1.Reading;
import dev.weir.v1.UploadBatch;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * Readings as the batches of an upload: one under way per partition, in the order of the readings.
 * The same readings always give the same batches, so that their numbers show what is repeated.
 * Owned by its caller.
 */
@OwnedBy("its caller")
public final class UploadBatcher implements Iterator<UploadBatch> {
  private static final int READINGS_MAX = 4_096;
  private static final int BYTES_MAX = 256 * 1024;

  /** Tag and length in front of a reading. */
  private static final int FRAME_BYTES_MAX = 6;

  private final Iterator<Reading> readings;
  private final boolean numbered;
  private final Gather[] gathers;

  /** At most one while readings are left, then the last one of each partition. */
  private final Deque<UploadBatch> full = new ArrayDeque<>();

  /**
   * The batches of these readings.
   *
   * @param numbered whether they get sequences, from 1 in each partition
   */
  public UploadBatcher(Iterator<Reading> readings, int partitionCount, boolean numbered) {
    this.readings = readings;
    this.numbered = numbered;
    this.gathers = new Gather[partitionCount];
    for (int partition = 0; partition < partitionCount; partition++) {
      gathers[partition] = new Gather();
    }
  }

  @Override
  public boolean hasNext() {
    while (full.isEmpty() && readings.hasNext()) {
      add(readings.next());
    }
    if (full.isEmpty()) {
      for (Gather gather : gathers) {
        flush(gather);
      }
    }
    return !full.isEmpty();
  }

  @Override
  public UploadBatch next() {
    if (!hasNext()) {
      throw new NoSuchElementException("no further batch");
    }
    return full.remove();
  }

  private void add(Reading reading) {
    Gather gather = gathers[PublishBuffer.partitionOf(reading.getSensor(), gathers.length)];
    int bytes = reading.getSerializedSize() + FRAME_BYTES_MAX;
    if (gather.bytes + bytes > BYTES_MAX) {
      flush(gather);
    }
    gather.batch.addRows(reading);
    gather.bytes += bytes;
    if (gather.batch.getRowsCount() == READINGS_MAX) {
      flush(gather);
    }
  }

  private void flush(Gather gather) {
    if (gather.batch.getRowsCount() > 0) {
      long sequence = numbered ? ++gather.lastSequence : 0;
      full.add(UploadBatch.newBuilder().setSequence(sequence).setBatch(gather.batch).build());
      gather.batch.clear();
      gather.bytes = 0;
    }
  }

  /** The batch of one partition that is under way. Owned like the list. */
  private static final class Gather {
    private final Batch.Builder batch = Batch.newBuilder();
    private long bytes;
    private long lastSequence;
  }
}
