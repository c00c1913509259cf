package dev.weir.service.log.segment.inspect;

import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.Flaw;
import dev.weir.service.log.PartitionLog.EpochStart;
import java.util.List;

/**
 * What some file says about a place in the log, to be held against the records. Immutable.
 *
 * @param kind what is wrong where it does not hold
 * @param place the file
 * @param said what is claimed; an epoch of 0, a time of Long.MIN_VALUE and null say nothing
 */
record ExpectedLogPoint(Flaw.Kind kind, String place, LogPoint said) {

  /** Why it does not hold; null where it does, as far as is known. */
  String wrong(LogPoint found) {
    if (found.readings() != DamagedRange.READINGS_UNKNOWN
        && said.readings() != DamagedRange.READINGS_UNKNOWN
        && found.readings() != said.readings()) {
      return differs("readings before it", said.readings(), found.readings());
    }
    if (found.epoch() != 0 && said.epoch() != 0 && found.epoch() != said.epoch()) {
      return differs("epoch", said.epoch(), found.epoch());
    }
    if (found.appendTimeNanos() != Long.MIN_VALUE
        && said.appendTimeNanos() != Long.MIN_VALUE
        && found.appendTimeNanos() != said.appendTimeNanos()) {
      return differs("append time", said.appendTimeNanos(), found.appendTimeNanos());
    }
    return found.epochs() == null || said.epochs() == null || same(said.epochs(), found.epochs())
        ? null
        : differs("epochs", said.epochs(), found.epochs());
  }

  private String differs(String what, Object says, Object is) {
    return "does not fit the log at offset "
        + said.offset()
        + ": "
        + what
        + " "
        + says
        + ", the records say "
        + is;
  }

  /** Either may have forgotten the oldest. */
  private static boolean same(List<EpochStart> one, List<EpochStart> other) {
    int both = Math.min(one.size(), other.size());
    return one.subList(one.size() - both, one.size())
        .equals(other.subList(other.size() - both, other.size()));
  }
}
