/**
 * The writer of each partition: sequence check, sensor ids, commit rounds, folds and checkpoints,
 * handing to the tail. State is owned by the partition's writer; requests come from any thread
 * through a bounded queue. Depends on {@code tail}, {@code log}, {@code catalog}, {@code core}.
 */
package dev.weir.service.partition;
