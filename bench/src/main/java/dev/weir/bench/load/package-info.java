/**
 * The three processes of a throughput run (server, publisher, subscriber), and the load they agree
 * on.
 *
 * <p>A process is told what to do by lines on its standard input and answers each with one line of
 * {@code key=value} words; it ends when its standard input does, so none outlives the runner. Each
 * process owns its state; nothing is shared but the arithmetic of {@link
 * dev.weir.bench.load.Walks}. May depend on the JDK, the client's public API, {@code dev.weir.v1},
 * and the service's {@code app} and {@code config}.
 */
package dev.weir.bench.load;
