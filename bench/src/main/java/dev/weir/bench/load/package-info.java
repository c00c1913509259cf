/**
 * The processes of a run: server, publisher and subscriber of a throughput run with the load they
 * agree on, and the one that measures latencies beside a bystander that is stopped.
 *
 * <p>A process is told what to do by lines on its standard input and answers each with one line of
 * {@code key=value} words; it ends when its standard input does, so none outlives the runner. Each
 * process owns its state; nothing is shared but the arithmetic of {@link
 * dev.weir.bench.load.Walks}. May depend on the JDK, the client's public API, {@code dev.weir.v1},
 * and the service's {@code app} and {@code config}.
 */
package dev.weir.bench.load;
