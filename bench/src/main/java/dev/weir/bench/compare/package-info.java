/**
 * The side-by-side comparison: scenarios that Weir and its peers answer by turns, each system in
 * processes of its own on loopback, and the table of targets they decide. Owned by the runner's
 * thread. May depend on {@code dev.weir.bench} and starts the processes of {@code
 * dev.weir.bench.load} and {@code dev.weir.bench.peer}.
 */
package dev.weir.bench.compare;
