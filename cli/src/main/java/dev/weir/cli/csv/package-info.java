/**
 * CSV as the input of {@code weir publish}: which file, which of its columns are readings, and how
 * far an earlier run came in it.
 *
 * <p>Owned by the main thread. May depend on the client, {@code dev.weir.cli.shell} and {@code
 * text}.
 */
package dev.weir.cli.csv;
