/**
 * The parts that all commands share: the streams of the process, its clocks and threads, the
 * server's address, and the way a failure ends a command.
 *
 * <p>Owns no state but the process's own. May depend on the client, on {@code service.config}, and
 * for {@code SessionAdminCalls} on gRPC.
 */
package dev.weir.cli.shell;
