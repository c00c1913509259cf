/**
 * What the files of a partition say before anything is changed: the scan of its last segment, the
 * verdict on its tail, its checkpoints. Depends on {@code log.segment.read} and {@code .file}.
 */
package dev.weir.service.log.segment.recovery;
