package dev.weir.service.wire.check;

/**
 * The result of {@link BatchRecoder} for a batch: its readings by sensor, or what is wrong with it.
 */
public sealed interface RecodeResult permits NamedBatch, InvalidBatch {}
