/**
 * Scale: a real server with many topics, many sensors or many partitions, which is measured and
 * audited before and after each of its ends. {@code make scale-topics}, {@code scale-sensors} and
 * {@code scale-partitions} run it at length, {@code make test} in a short form. The audit owns the
 * servers it starts and ends them. May depend on the contract's stubs and the server's limits.
 */
package dev.weir.it.scale;
