/**
 * Replaces broken links, replays unacknowledged batches, resumes subscriptions after their cursor.
 *
 * <p>The state of publishing sessions and subscriptions is owned by the loop thread; what a
 * subscription has handed over is owned by its own thread. Depends on {@code batch}, {@code link},
 * {@code decode} and the internal package.
 */
package dev.weir.client.internal.reconnect;
