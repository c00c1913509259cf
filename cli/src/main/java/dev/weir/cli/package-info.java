/**
 * The {@code weir} command: one class per subcommand.
 *
 * <p>Each command object is owned by the main thread of its process. May depend on the client, on
 * the service's {@code app}, {@code config} and {@code log}, and on {@code dev.weir.cli.shell},
 * {@code text}, {@code csv} and {@code demo}.
 */
package dev.weir.cli;
