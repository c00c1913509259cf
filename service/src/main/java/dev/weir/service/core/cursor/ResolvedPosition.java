package dev.weir.service.core.cursor;

/** The meaning of a position in a log. */
public sealed interface ResolvedPosition {
  /**
   * The log has it: go on there.
   *
   * @param position the position asked for
   */
  record At(Position position) implements ResolvedPosition {}

  /**
   * It lies past the end of its epoch: what it had seen there is gone (UNSYNCED_LOST). Announce the
   * gap, then go on behind it.
   *
   * @param from the position asked for
   * @param to where to go on
   * @param readings readings it had seen that the log no longer has
   */
  record Lost(Position from, Position to, long readings) implements ResolvedPosition {}

  /**
   * The log no longer goes back that far.
   *
   * @param from the position asked for
   * @param earliest the oldest position there is
   * @param readings readings between the two; of a log in memory, those of its present start
   */
  record Expired(Position from, Position earliest, long readings) implements ResolvedPosition {}

  /**
   * This log never gave out such a position.
   *
   * @param why what is wrong with it, for the message
   */
  record Invalid(String why) implements ResolvedPosition {}
}
