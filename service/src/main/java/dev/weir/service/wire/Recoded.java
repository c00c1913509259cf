package dev.weir.service.wire;

/** What {@link Recoder} makes of a batch: its readings by sensor, or what is wrong with it. */
public sealed interface Recoded permits NamedBatch, Bad {}
