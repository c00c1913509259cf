/**
 * Gathers readings into batches and encodes them by hand.
 *
 * <p>Gathering is thread-safe, one lock per partition; encoding is owned by the loop thread.
 * Depends on the public API, Guava and the JDK only.
 */
package dev.weir.client.internal.batch;
