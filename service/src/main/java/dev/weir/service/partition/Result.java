package dev.weir.service.partition;

import dev.weir.service.catalog.SensorInfo;
import dev.weir.service.core.fault.Fault;
import java.util.List;
import java.util.Map;

/** How a request to a partition ended. What is stored is committed. */
public sealed interface Result {
  /**
   * The batch is stored.
   *
   * @param duplicate it had been stored before
   * @param readings how many are stored; 0 for a duplicate
   * @param bindings ids of the sensors it named
   */
  record Stored(boolean duplicate, int readings, List<SensorInfo> bindings) implements Result {}

  /**
   * Sensors are defined, except those with a fault.
   *
   * @param bindings the defined ones
   * @param faults by index in the request
   */
  record Defined(List<SensorInfo> bindings, Map<Integer, Fault> faults) implements Result {}

  /**
   * The session is the producer's newest here.
   *
   * @param lastSequence the producer's last committed sequence; 0 for none
   */
  record Opened(long lastSequence) implements Result {}

  /**
   * Nothing is stored.
   *
   * @param fault why
   * @param rows indexes of wrong readings; empty for the batch as a whole
   * @param expectedSequence the next sequence of the producer; 0 without one
   */
  record Rejected(Fault fault, List<Integer> rows, long expectedSequence) implements Result {}

  /**
   * Nobody knows whether it is stored; reconnect and ask.
   *
   * @param fault why
   */
  record Unknown(Fault fault) implements Result {}
}
