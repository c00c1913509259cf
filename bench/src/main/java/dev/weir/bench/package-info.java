/**
 * What a runner is made of: processes it starts and talks to, numbers over several rounds, the
 * machine, a relay that counts bytes.
 *
 * <p>The program is {@code dev.weir.bench.compare.Compare}. One thread owns everything here, except
 * for the counters of {@link dev.weir.bench.CountingRelay}. May depend on the JDK and {@code
 * dev.weir.bench.load}.
 */
package dev.weir.bench;
