package dev.weir.faultinjection;

import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.ForwardingLog;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import java.util.List;
import java.util.function.Consumer;

/** A partition that dies when an append is committed, before anybody hears. As the one in it. */
final class KillPointLog extends ForwardingLog {
  private final PartitionId id;
  private final KillSwitch kill;

  KillPointLog(PartitionId id, PartitionLog log, KillSwitch kill) {
    super(log);
    this.id = id;
    this.kill = kill;
  }

  @Override
  public void append(List<LogRecord> records, Consumer<AppendOutcome> done) {
    log.append(
        records,
        outcome -> {
          if (outcome instanceof AppendOutcome.Committed) {
            kill.reached(KillPoint.APPEND_COMMITTED_UNACKED, id);
          }
          done.accept(outcome);
        });
  }
}
