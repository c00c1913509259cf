package dev.weir.service.core.mode;

/** The direction of the crossings that a {@link Mode.Threshold} sends. */
public enum ThresholdDirection {
  /** Rising above the limit; armed again below limit - hysteresis. */
  RISING,
  /** Falling below the limit; armed again above limit + hysteresis. */
  FALLING,
  /** Rising above the limit, and falling below limit - hysteresis. */
  BOTH
}
