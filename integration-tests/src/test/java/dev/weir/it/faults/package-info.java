/**
 * Tests in which something under a server fails while it starts or stops, or in which one process
 * of a real system is stopped or killed.
 *
 * <p>Tests own their servers, processes and directories; whatever a test starts it also ends. The
 * programs that run in those processes lie here too. Depends on the service, the public client, the
 * generated stubs, and the {@code weir} command by its name.
 */
package dev.weir.it.faults;
