package dev.weir.service.log.segment;

/** The state of the file that a partition appends to. */
enum ActiveSegmentState {
  /** It is open, and nothing is being appended. */
  OPEN,
  /** An append is under way, and the file is its own. */
  APPENDING,
  /** It is closed, or being closed, and nothing is being appended. */
  SHUT
}
