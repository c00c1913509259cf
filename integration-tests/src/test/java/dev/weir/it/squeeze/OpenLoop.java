package dev.weir.it.squeeze;

import java.util.Arrays;

/**
 * Records when things that are due at fixed times were done. Thing n is due at the beginning plus n
 * periods, whatever became of those before; so a server that stands still is late for all of them.
 * Thread-safe.
 */
final class OpenLoop {
  private static final int FIRST_CAPACITY = 1 << 16;
  private static final long NANOS_PER_MICRO = 1_000;

  private final long beganNanos;
  private final long periodNanos;
  private long[] doneNanos = new long[FIRST_CAPACITY]; // 0: not yet; guarded by this

  OpenLoop(long beganNanos, long periodNanos) {
    this.beganNanos = beganNanos;
    this.periodNanos = periodNanos;
  }

  long dueNanos(long number) {
    return beganNanos + number * periodNanos;
  }

  /** Returns how many are due by a time. */
  long dueBy(long nanos) {
    return nanos < beganNanos ? 0 : (nanos - beganNanos) / periodNanos + 1;
  }

  synchronized void done(long number, long nowNanos) {
    int index = Math.toIntExact(number);
    if (index >= doneNanos.length) {
      doneNanos = Arrays.copyOf(doneNanos, Math.max(index + 1, doneNanos.length * 2));
    }
    doneNanos[index] = nowNanos == 0 ? 1 : nowNanos;
  }

  synchronized boolean isDone(long number) {
    return number < doneNanos.length && doneNanos[(int) number] != 0;
  }

  /**
   * The latencies of what was due between two times, as far as it is known now; what is not done is
   * as late as it is.
   */
  synchronized Latencies between(long fromNanos, long toNanos, long nowNanos) {
    int from = Math.toIntExact(dueBy(fromNanos));
    int to = Math.max(from, Math.toIntExact(dueBy(toNanos)));
    long[] micros = new long[to - from];
    int open = 0;
    for (int n = from; n < to; n++) {
      long done = n < doneNanos.length ? doneNanos[n] : 0;
      open += done == 0 ? 1 : 0;
      micros[n - from] = ((done == 0 ? nowNanos : done) - dueNanos(n)) / NANOS_PER_MICRO;
    }
    Arrays.sort(micros);
    return new Latencies(micros, open);
  }
}
