/**
 * The processes of a run: servers, and publishers and subscribers of every system with the load
 * they agree on.
 *
 * <p>A process is told what to do by lines on its standard input and answers each with one line of
 * {@code key=value} words; it ends when its standard input does, so none outlives the runner. Each
 * process owns its state; nothing is shared but the arithmetic of {@link
 * dev.weir.bench.load.RandomWalks}. An {@link dev.weir.bench.system.SystemPublisher} and an {@link
 * dev.weir.bench.system.SystemSubscriber} are the two ends of one system. May depend on the JDK,
 * the public clients of all systems, {@code dev.weir.v1}, the service's {@code app} and {@code
 * config}, and, for batches made by hand, the client's {@code internal.batch} and {@code
 * internal.decode}.
 */
package dev.weir.bench.load;
