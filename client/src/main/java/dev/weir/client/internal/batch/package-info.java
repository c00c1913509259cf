/**
 * Gathers readings into batches and encodes them by hand.
 *
 * <p>Gathering is thread-safe, one lock per partition; encoding is owned by the loop thread. An
 * upload's batches are owned by its caller. Depends on the public API, generated messages, Guava
 * and the JDK only.
 */
package dev.weir.client.internal.batch;
