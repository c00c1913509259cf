package dev.weir.service.log;

/**
 * Something an operator should know about the storage, for the server's log. Immutable.
 *
 * @param severity how the server logs it
 * @param kind the engine's name for what happened, such as "TORN_TAIL"
 * @param partition where it happened; the system partition for the whole store
 * @param text one line with the place and the counts
 */
public record LogEngineEvent(Severity severity, String kind, PartitionId partition, String text) {
  /** The meaning of an event for the data and the service. */
  public enum Severity {
    /** The event ends a trouble. */
    INFO,
    /** Nothing is lost: the store mended itself, or will. */
    WARNING,
    /** Data or service are lost. */
    ERROR
  }
}
