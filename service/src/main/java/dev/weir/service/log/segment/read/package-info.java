/**
 * What all readers of one engine's segment files share: {@link
 * dev.weir.service.log.segment.read.FilePool} has the open files, {@link
 * dev.weir.service.log.segment.read.BlockCache} the parts of them that are in memory. Both are
 * bounded by a budget and thread-safe, and neither knows what is in the files. Makes no threads and
 * reads no clock: who owns them calls {@code tick} about once a second. Depends on {@code core}.
 */
package dev.weir.service.log.segment.read;
