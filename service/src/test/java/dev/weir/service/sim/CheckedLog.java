package dev.weir.service.sim;

import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.ForwardingLog;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import java.util.List;
import java.util.function.Consumer;

/** A partition's log that tells what is committed, before the partition hears. As the one in it. */
class CheckedLog extends ForwardingLog {
  private final Consumer<LogRecord> committed;

  CheckedLog(PartitionLog log, Consumer<LogRecord> committed) {
    super(log);
    this.committed = committed;
  }

  @Override
  public void append(List<LogRecord> records, Consumer<AppendOutcome> done) {
    log.append(
        records,
        outcome -> {
          if (outcome instanceof AppendOutcome.Committed) {
            records.forEach(committed);
          }
          done.accept(outcome);
        });
  }
}
