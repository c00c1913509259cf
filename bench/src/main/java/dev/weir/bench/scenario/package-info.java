/** The scenarios of the comparison and their runs. */
package dev.weir.bench.scenario;
