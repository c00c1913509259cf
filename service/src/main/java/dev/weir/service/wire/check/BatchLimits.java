package dev.weir.service.wire.check;

import dev.weir.service.wire.names.DefinitionRules;

/**
 * The bounds of one batch. Immutable.
 *
 * @param batchReadingsMax most readings
 * @param batchSensorsMax most sensors that it introduces or refers to by name
 * @param definitions the rules of sensors that it introduces
 */
public record BatchLimits(int batchReadingsMax, int batchSensorsMax, DefinitionRules definitions) {
  /** With the default rules of definitions. */
  public BatchLimits(int batchReadingsMax, int batchSensorsMax) {
    this(batchReadingsMax, batchSensorsMax, DefinitionRules.DEFAULTS);
  }
}
