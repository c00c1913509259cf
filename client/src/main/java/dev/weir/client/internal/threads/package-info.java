/**
 * Every thread and clock of the client. {@link dev.weir.client.internal.threads.ClientThreads}
 * makes them; the state of sessions is owned by the loop thread. Depends on Netty, Guava, SLF4J and
 * the JDK.
 */
package dev.weir.client.internal.threads;
