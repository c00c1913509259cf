package dev.weir.service.app;

import dev.weir.common.OwnedBy;

/**
 * Says whether one thread still answers, by looks at it from time to time. Time in which it was in
 * file calls, or waited for who is, does not count; nor does time in which the looks themselves did
 * not come, because then the whole process stood still. Owned by the watcher.
 */
@OwnedBy("watcher")
final class ThreadStallRule {
  /** The state of a thread. */
  enum Verdict {
    WELL,
    WARN,
    END
  }

  private final long intervalNanos;
  private final long warnNanos;
  private final long endNanos;
  private boolean begun;
  private long sign;
  private long fileNanos;
  private long stalledNanos;

  /**
   * A rule.
   *
   * @param intervalNanos between looks that are not late
   * @param warnNanos without an answer that are told
   * @param endNanos without an answer that end the process
   */
  ThreadStallRule(long intervalNanos, long warnNanos, long endNanos) {
    this.intervalNanos = intervalNanos;
    this.warnNanos = warnNanos;
    this.endNanos = endNanos;
  }

  /**
   * What is seen of a thread.
   *
   * @param busy whether it has something to do
   * @param sign changes when it has done something
   * @param fileNanos in file calls since it began
   * @param waitsForFile whether it waits for a thread that is in a file call
   */
  record Observation(boolean busy, long sign, long fileNanos, boolean waitsForFile) {}

  /** The next look, so long after the one before. */
  Verdict next(long elapsedNanos, Observation look) {
    if (!begun || !look.busy() || look.sign() != sign) {
      begun = true;
      stalledNanos = 0;
    } else if (!look.waitsForFile()) {
      long inFile = Math.max(0, look.fileNanos() - fileNanos);
      stalledNanos += Math.max(0, Math.min(elapsedNanos, intervalNanos) - inFile);
    }
    sign = look.sign();
    fileNanos = look.fileNanos();
    if (stalledNanos >= endNanos) {
      return Verdict.END;
    }
    return stalledNanos >= warnNanos ? Verdict.WARN : Verdict.WELL;
  }

  /** Returns the time for which it has not answered, of the time that counts. */
  long stalledNanos() {
    return stalledNanos;
  }
}
