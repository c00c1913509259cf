package dev.weir.service.sim;

import dev.weir.service.admission.Budgets;
import dev.weir.service.core.sequence.SequenceRule;
import dev.weir.service.log.PartitionLog;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.SubscribeResponse;
import java.util.function.Predicate;

/** What is broken on purpose, to see that the book tells; nothing by default. */
class InjectedDefects {
  /** A server as it is. */
  static final InjectedDefects NOTHING = new InjectedDefects();

  boolean syncs() {
    return true;
  }

  /** Called when a server stops whose calls have ended. */
  void atStop(Budgets budgets) {}

  SequenceRule rule() {
    return SequenceRule.STRICT;
  }

  PartitionLog log(PartitionLog log) {
    return log;
  }

  PartitionLog system(PartitionLog log) {
    return log;
  }

  /** Which tasks an event loop loses. */
  Predicate<Runnable> lost() {
    return task -> false;
  }

  /** What a subscriber is told instead; null for nothing. */
  SubscribeResponse told(SubscribeResponse said) {
    return said;
  }

  /** What a publisher is told instead; null for nothing. */
  PublishStreamResponse told(PublishStreamResponse said) {
    return said;
  }
}
