package dev.weir.service.partition;

import dev.weir.service.core.fault.Fault;

/** An open publishing session as its partitions see it; identity counts. */
public interface ProducerSession {
  /** The producer's id. */
  String producer();

  /** The producer's epoch. */
  long epoch();

  /**
   * A newer session took this producer over; what the writer had taken from this one is settled.
   * Called on the writer's thread, once per partition; must not block.
   */
  void superseded(Fault fault);
}
