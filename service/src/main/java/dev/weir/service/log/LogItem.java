package dev.weir.service.log;

/** The item that a reader finds at a position: a record, or a range that is damaged. */
public sealed interface LogItem permits LogRecord, DamagedRange {
  /** The offset to go on at. */
  long nextOffset();
}
