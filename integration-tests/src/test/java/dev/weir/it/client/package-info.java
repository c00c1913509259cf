/**
 * The Java client against a real server over real sockets: publish, subscribe, resume, lose
 * nothing.
 *
 * <p>Each test owns its server and its data directory. May depend on the public client and on
 * {@code dev.weir.service.app} to start servers.
 */
package dev.weir.it.client;
