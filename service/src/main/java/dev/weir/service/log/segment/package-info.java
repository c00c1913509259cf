/**
 * The engine of SYNCED and BUFFERED topics: an append log of segment files per partition, in one
 * data directory of one process. The files are described byte by byte in {@code docs/formats.md}.
 *
 * <p>{@link dev.weir.service.log.segment.SegmentEngineProvider} opens {@link
 * dev.weir.service.log.segment.SegmentEngine}, which owns the directory's lock, its start number
 * and the list of claimed partitions. A claimed partition's write side is owned by its writer; what
 * readers see is one immutable snapshot that a commit replaces. Makes no threads and reads no
 * clock: both are passed in. All file access goes through {@link dev.weir.common.file.DataFiles}.
 * Depends on {@code log}, {@code config} and {@code core}.
 */
package dev.weir.service.log.segment;
