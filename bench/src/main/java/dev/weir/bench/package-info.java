/**
 * The parts of a runner: processes it starts and talks to, numbers over several rounds, the
 * machine, a relay that counts bytes. The program is {@link dev.weir.bench.compare.Compare}. One
 * thread owns everything here, except for the counters of {@link dev.weir.bench.CountingRelay}.
 */
package dev.weir.bench;
