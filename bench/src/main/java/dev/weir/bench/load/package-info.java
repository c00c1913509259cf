/**
 * Parts that the processes of a run share: readings that look like those of sensors, the lines by
 * which a process is told what to do, and its use of memory. A process ends when its standard input
 * does, so none outlives the runner.
 */
package dev.weir.bench.load;
