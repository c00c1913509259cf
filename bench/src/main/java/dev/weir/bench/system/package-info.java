/**
 * The systems that are compared, each with a {@link dev.weir.bench.system.SystemPublisher} and a
 * {@link dev.weir.bench.system.SystemSubscriber}. May depend on the public clients of all systems
 * and, for batches made by hand, on the internals of the client.
 */
package dev.weir.bench.system;
