/**
 * The {@code weir} command as users meet it: real processes, their streams and exit codes.
 *
 * <p>Each test owns the processes it starts and ends them. May depend on everything.
 */
package dev.weir.it.cli;
