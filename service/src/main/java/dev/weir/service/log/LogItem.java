package dev.weir.service.log;

/** What a reader meets at a position: a record, or a range that is damaged. */
public sealed interface LogItem permits LogRecord, DamagedRange {
  /** The offset to go on at. */
  long nextOffset();
}
