/**
 * The writer of each partition: sequence check, sensor ids, commit rounds, folds and checkpoints,
 * handing to the tail; and what follows it to the last values. State is owned by the partition's
 * writer, of the last values by its view thread; requests come from any thread through a bounded
 * queue. Depends on {@code latest}, {@code tail}, {@code log}, {@code catalog}, {@code core}.
 */
package dev.weir.service.partition;
