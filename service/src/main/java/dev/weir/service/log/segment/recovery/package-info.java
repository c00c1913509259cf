/**
 * Reads the files of a partition before anything is changed: scans its last segment, gives a
 * verdict on its tail, reads and writes its checkpoints. Depends on {@code log.segment.read} and
 * {@code .file}.
 */
package dev.weir.service.log.segment.recovery;
