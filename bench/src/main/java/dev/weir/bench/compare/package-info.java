/**
 * The program of the side-by-side comparison and its table. Owned by the thread of its runner. May
 * depend on all other packages of the bench.
 */
package dev.weir.bench.compare;
