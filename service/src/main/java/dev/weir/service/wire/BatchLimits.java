package dev.weir.service.wire;

/**
 * The bounds of one batch. Immutable.
 *
 * @param batchReadingsMax most readings
 * @param batchSensorsMax most sensors that it introduces or refers to by name
 * @param definitions the rules of sensors that it introduces
 */
public record BatchLimits(int batchReadingsMax, int batchSensorsMax, Definitions definitions) {
  /** With the default rules of definitions. */
  public BatchLimits(int batchReadingsMax, int batchSensorsMax) {
    this(batchReadingsMax, batchSensorsMax, Definitions.DEFAULTS);
  }
}
