/**
 * The rule of producers: consecutive sequences per producer and partition, epochs that fence, and
 * the fold of the log that remembers them. State belongs to the partition's writer; depends on the
 * JDK only.
 */
package dev.weir.service.core.sequence;
