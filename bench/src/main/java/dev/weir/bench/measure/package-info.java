/**
 * Scenarios, rounds, medians and targets: how something is measured, and how the figures are
 * judged. Depends on nothing of the other packages.
 */
package dev.weir.bench.measure;
