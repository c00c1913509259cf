package dev.weir.service.sim;

import dev.weir.service.admission.Budgets;
import dev.weir.service.core.sequence.ProducerEntry;
import dev.weir.service.core.sequence.SequenceCheck;
import dev.weir.service.core.sequence.SequenceRule;
import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.LogReader;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.v1.Ack;
import dev.weir.v1.Delivery;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.SubscribeResponse;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Servers without one of the things they do for their promises. Each is for one world. */
final class BrokenServers {
  private BrokenServers() {}

  /** Acknowledges what is not synced. */
  static final class NoSync extends InjectedDefects {
    @Override
    boolean syncs() {
      return false;
    }
  }

  /** Goes on after a sync that failed, as if nothing had happened. */
  static final class FailedSyncIgnored extends InjectedDefects {
    @Override
    PartitionLog log(PartitionLog log) {
      return new Through(log) {
        @Override
        public void append(List<LogRecord> records, Consumer<AppendOutcome> done) {
          super.append(
              records,
              outcome ->
                  done.accept(
                      outcome instanceof AppendOutcome.Unknown
                          ? new AppendOutcome.Committed()
                          : outcome));
        }
      };
    }
  }

  /** Stores again what it has stored. */
  static final class NoDuplicateCheck extends InjectedDefects {
    @Override
    SequenceRule rule() {
      return (entry, epoch, sequence) -> {
        SequenceCheck check = SequenceRule.STRICT.check(entry, epoch, sequence);
        return check instanceof SequenceCheck.Duplicate ? new SequenceCheck.New() : check;
      };
    }
  }

  /** Lets the older process of a producer go on beside the newer one. */
  static final class NoFencing extends InjectedDefects {
    @Override
    SequenceRule rule() {
      return new SequenceRule() {
        @Override
        public SequenceCheck check(ProducerEntry entry, long epoch, long sequence) {
          long asked = entry == null ? epoch : Math.max(epoch, entry.epoch());
          return SequenceRule.STRICT.check(entry, asked, sequence);
        }

        @Override
        public boolean fences(long epoch, long presentEpoch) {
          return false;
        }
      };
    }
  }

  /** Who comes from the tail to the log begins one record too late. */
  static final class OneTooFar extends InjectedDefects {
    private int reads;

    @Override
    PartitionLog log(PartitionLog log) {
      return new Through(log) {
        @Override
        public LogReader read(long offset, boolean bodies) throws IOException {
          boolean skips = bodies && offset + 1 < log.endOffset() && ++reads % 5 == 0;
          return super.read(skips ? offset + 1 : offset, bodies);
        }
      };
    }
  }

  /** Forgets now and then to wake those who wait. */
  static final class LostWakeUps extends InjectedDefects {
    private int wakes;

    @Override
    Predicate<Runnable> lost() {
      return task ->
          task.getClass().getName().startsWith("dev.weir.service.fanout.CommitWaiters")
              && ++wakes % 7 == 0;
    }
  }

  /** Counts one too many in a gap. */
  static final class GapMiscounted extends InjectedDefects {
    @Override
    SubscribeResponse told(SubscribeResponse said) {
      SubscribeResponse.Builder told = said.toBuilder();
      if (said.hasGap()) {
        told.getGapBuilder().setReadings(said.getGap().getReadings() + 1);
      }
      return told.build();
    }
  }

  /** Says that a gap is no gap. */
  static final class GapSwallowed extends InjectedDefects {
    @Override
    SubscribeResponse told(SubscribeResponse said) {
      return said.hasGap() ? null : said;
    }
  }

  /** Keeps commits in memory only. */
  static final class CommitsForgotten extends InjectedDefects {
    @Override
    PartitionLog system(PartitionLog log) {
      return new Through(log) {
        private int appends;

        @Override
        public void append(List<LogRecord> records, Consumer<AppendOutcome> done) {
          if (++appends % 3 == 0) {
            done.accept(new AppendOutcome.Committed());
          } else {
            super.append(records, done);
          }
        }
      };
    }
  }

  /** Gives a delivery the cursor of the next one. */
  static final class CursorAhead extends InjectedDefects {
    private final Map<Integer, SubscribeResponse> held = new HashMap<>();

    @Override
    SubscribeResponse told(SubscribeResponse said) {
      Delivery delivery = said.getDelivery();
      if (delivery.getCursor().isEmpty()) {
        return said;
      }
      SubscribeResponse before = held.put(delivery.getSubscription(), said);
      if (before == null) {
        return null;
      }
      SubscribeResponse.Builder told = before.toBuilder();
      told.getDeliveryBuilder().setCursor(delivery.getCursor());
      return told.build();
    }
  }

  /** Loses a delivery on the way. */
  static final class DeliveryLost extends InjectedDefects {
    private int deliveries;

    @Override
    SubscribeResponse told(SubscribeResponse said) {
      return said.hasDelivery() && ++deliveries % 4 == 0 ? null : said;
    }
  }

  /** Acknowledges one more batch than it has stored. */
  static final class AckAhead extends InjectedDefects {
    @Override
    PublishStreamResponse told(PublishStreamResponse said) {
      if (!said.hasAck()) {
        return said;
      }
      Ack.Builder ack = said.getAck().toBuilder();
      return said.toBuilder().setAck(ack.setThroughSequence(ack.getThroughSequence() + 1)).build();
    }
  }

  /** Keeps the charge of a message whose call has ended. */
  static final class ChargeKept extends InjectedDefects {
    @Override
    void atStop(Budgets budgets) {
      budgets.publish().take(1);
    }
  }

  /** A log that is as the one in it, but for what is broken. */
  private static class Through extends CheckedLog {
    Through(PartitionLog log) {
      super(log, record -> {});
    }
  }
}
