package dev.weir.service.log;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/**
 * A store that somebody looks into without changing it, as its {@link LogEngineProvider} opens it.
 * Thread-safe; closed by whoever opened it.
 */
public interface LogInspection extends Closeable {
  /** Lists the partitions, the system's first. Blocks. */
  List<InspectedPartition> partitions() throws IOException;

  /** The place of a partition, for the operator, such as the path of its directory. */
  String place(PartitionId partition);

  /**
   * Checks what the store keeps besides its partitions. Blocks.
   *
   * @param newestEpoch the greatest epoch of any partition; 0 for none
   * @param flaws told of everything that is wrong
   */
  void checkStart(long newestEpoch, Consumer<? super Flaw> flaws) throws IOException;
}
