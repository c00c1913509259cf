/**
 * JMH benchmarks of one class each: what a reading costs where it is encoded, checked, folded,
 * filtered, reduced, delivered and decoded, and what a selector costs among a million sensors. And
 * the program that watches what the way of a delivery allocates.
 *
 * <p>JMH owns the state. May depend on whatever is measured, the client's internals included.
 */
package dev.weir.bench.micro;
