/**
 * The publishing session: batches on their way, acknowledgements, definitions, reconnecting without
 * loss. Owned by the loop.
 */
package dev.weir.client.internal.publish;
