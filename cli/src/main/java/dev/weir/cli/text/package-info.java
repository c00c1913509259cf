/**
 * Text in and out: CSV, times, values and JSON lines.
 *
 * <p>Plain rules: stateless, or owned by the one thread that reads or writes. May depend on the
 * JDK, the messages of {@code dev.weir.v1}, protobuf's utilities, commons-csv and Jackson's core.
 */
package dev.weir.cli.text;
