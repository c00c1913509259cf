/**
 * The subscribing session: deliveries, credit, commits, resuming at a cursor. Owned by the loop.
 */
package dev.weir.client.internal.subscribe;
