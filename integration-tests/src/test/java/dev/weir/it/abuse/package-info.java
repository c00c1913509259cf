/**
 * Peers that behave badly, by the byte, on real sockets, beside honest ones that must not notice.
 *
 * <p>Tests own their servers and sockets. Depends on the contract tests' harness, the service and
 * the public client.
 */
package dev.weir.it.abuse;
