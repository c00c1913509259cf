/**
 * What a server does when something under it fails while it starts or stops, and what a system of
 * real processes does when one of them is stopped or killed.
 *
 * <p>Tests own their servers, processes and directories; whatever a test starts it also ends. The
 * programs that run in those processes lie here too. Depends on the service, the public client, the
 * generated stubs, and the {@code weir} command by its name.
 */
package dev.weir.it.faults;
