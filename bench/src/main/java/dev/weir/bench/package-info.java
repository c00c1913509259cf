/**
 * The runners: each starts a server, publishers and subscribers as processes of their own on
 * loopback, measures what they do in a time window, and prints a table.
 *
 * <p>{@link dev.weir.bench.Throughput} is the program for readings per second, {@link
 * dev.weir.bench.Stopped} the one for latencies beside a stopped subscriber. One thread owns
 * everything here, except for the counters of {@link dev.weir.bench.Relay}. May depend on the JDK
 * and {@code dev.weir.bench.load}.
 */
package dev.weir.bench;
