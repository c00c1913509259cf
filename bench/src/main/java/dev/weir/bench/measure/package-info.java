/**
 * What is measured and how it is judged: scenarios, rounds, medians, targets. Depends on nothing of
 * the other packages.
 */
package dev.weir.bench.measure;
