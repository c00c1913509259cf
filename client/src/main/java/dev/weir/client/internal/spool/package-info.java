/**
 * The publisher's queue on disk: what was accepted, in order, until it is settled; see
 * docs/formats-spool.md.
 *
 * <p>{@link dev.weir.client.internal.spool.Spool} and all below it are owned by the publisher's
 * spool thread, which alone touches the disk; {@link dev.weir.client.internal.spool.SpoolAccess} is
 * how callers and the loop reach it. Depends on the public API, {@code internal.batch}, {@code
 * common.file}, generated messages and the JDK.
 */
package dev.weir.client.internal.spool;
