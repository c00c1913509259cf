package dev.weir.it.proof;

/**
 * The totals of a crash audit. Immutable.
 *
 * @param acknowledged readings acknowledged
 * @param followed readings delivered to the subscribers that follow
 * @param repeated uploads and unary calls made again because their answer was lost
 * @param duplicates batches of these that were stored already
 * @param commits commits acknowledged
 * @param tornTails partitions that ended in the middle of a record
 */
record CrashTotals(
    long acknowledged,
    long followed,
    long repeated,
    long duplicates,
    long commits,
    long tornTails) {
  static final CrashTotals NONE = new CrashTotals(0, 0, 0, 0, 0, 0);

  CrashTotals plus(CrashTotals more) {
    return new CrashTotals(
        acknowledged + more.acknowledged,
        followed + more.followed,
        repeated + more.repeated,
        duplicates + more.duplicates,
        commits + more.commits,
        tornTails + more.tornTails);
  }

  @Override
  public String toString() {
    return String.format(
        "%,d readings acknowledged, %,d followed live; %,d uploads and unary calls repeated, %,d of"
            + " their batches stored already; %,d commits; %,d torn tails",
        acknowledged, followed, repeated, duplicates, commits, tornTails);
  }
}
