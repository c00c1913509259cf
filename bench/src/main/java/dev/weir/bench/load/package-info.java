/**
 * Parts that the processes of a run share: readings that look like those of sensors, the lines that
 * give a process its commands, and its use of memory. A process ends when its standard input does,
 * so none outlives the runner.
 */
package dev.weir.bench.load;
