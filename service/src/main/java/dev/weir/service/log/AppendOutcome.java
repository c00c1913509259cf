package dev.weir.service.log;

/** The end of an append. */
public sealed interface AppendOutcome {
  /** All records are stored as the engine's durability says, and readable. */
  record Committed() implements AppendOutcome {}

  /**
   * None of the records is stored; the same offsets may be appended again.
   *
   * @param cause what failed
   */
  record NotStored(Exception cause) implements AppendOutcome {}

  /**
   * Nobody knows; the partition takes no more appends until it is claimed again.
   *
   * @param cause what failed
   */
  record Unknown(Exception cause) implements AppendOutcome {}
}
