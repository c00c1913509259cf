package dev.weir.service.wire.check;

/** What {@link BatchRecoder} makes of a batch: its readings by sensor, or what is wrong with it. */
public sealed interface RecodeResult permits NamedBatch, InvalidBatch {}
