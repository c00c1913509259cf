package dev.weir.service.wire;

/**
 * The bounds of one batch. Immutable.
 *
 * @param batchReadingsMax most readings
 * @param batchSensorsMax most sensors that it introduces or refers to by name
 */
public record BatchLimits(int batchReadingsMax, int batchSensorsMax) {}
