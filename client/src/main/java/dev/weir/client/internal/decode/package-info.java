/**
 * Decodes deliveries by hand, without an object per reading.
 *
 * <p>Owned by the thread of the subscriber. Depends on protobuf and the public API.
 */
package dev.weir.client.internal.decode;
