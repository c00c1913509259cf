package dev.weir.service.sim;

import dev.weir.service.log.LogEngine;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogReader;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import java.io.IOException;

/** An engine whose partitions are compared with a book: when they are claimed, and ever after. */
final class CheckedEngine implements LogEngine {
  private final LogEngine engine;
  private final InvariantLedger book;
  private final InjectedDefects broken;

  CheckedEngine(LogEngine engine, InvariantLedger book, InjectedDefects broken) {
    this.engine = engine;
    this.book = book;
    this.broken = broken;
  }

  @Override
  public String name() {
    return engine.name();
  }

  @Override
  public PartitionLog claim(PartitionId id, boolean mayMake) throws IOException {
    PartitionLog log = engine.claim(id, mayMake);
    if (id.equals(PartitionId.SYSTEM)) {
      return broken.system(log);
    }
    CommittedHistory kept = book.partition(id.partition());
    compare(log, kept);
    return new CheckedLog(broken.log(log), kept::committed);
  }

  /** Reads all that is stored. What nobody was told of may be there, and stays from now on. */
  static void compare(PartitionLog log, CommittedHistory kept) throws IOException {
    kept.recoveredTo(log.endOffset());
    kept.startsAt(log.startOffset());
    try (LogReader reader = log.read(log.startOffset(), true)) {
      for (LogItem item = reader.next(); item != null; item = reader.next()) {
        if (item instanceof LogRecord record) {
          kept.found(record);
        } else {
          throw new IllegalStateException("damage that nobody did: " + item);
        }
      }
    }
  }

  @Override
  public void delete(PartitionId id) throws IOException {
    engine.delete(id);
  }

  @Override
  public void close() throws IOException {
    engine.close();
  }
}
