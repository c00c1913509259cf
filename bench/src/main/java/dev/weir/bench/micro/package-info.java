/**
 * JMH benchmarks of one class each: what a reading costs where it is encoded, where it is checked,
 * and where it becomes a last value.
 *
 * <p>JMH owns the state. May depend on whatever is measured, the client's internals included.
 */
package dev.weir.bench.micro;
