/**
 * The throughput runner: starts a server, publishers and a subscriber as processes of their own on
 * loopback, counts what they do in a time window, and prints a table.
 *
 * <p>{@link dev.weir.bench.Throughput} is the program. One thread owns everything here, except for
 * the counters of {@link dev.weir.bench.Relay}. May depend on the JDK and {@code
 * dev.weir.bench.load}.
 */
package dev.weir.bench;
