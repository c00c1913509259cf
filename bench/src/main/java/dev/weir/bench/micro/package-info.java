/**
 * JMH benchmarks of one class each: what a reading costs where it is encoded and where it is
 * checked.
 *
 * <p>JMH owns the state. May depend on whatever is measured, the client's internals included.
 */
package dev.weir.bench.micro;
