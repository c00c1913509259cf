package dev.weir.service.wire.check;

/**
 * The sensor ids that a batch may use, such as those bound in a session. Called for a batch by the
 * thread that checks or re-encodes it; must not block.
 */
@FunctionalInterface
public interface SensorKinds {
  /** No id may be used: unary Publish takes names or refs only. */
  SensorKinds NONE = id -> 0;

  /**
   * Ids that are all bound and of one kind.
   *
   * @param kind number of their {@code weir.v1.Kind}
   * @param from the least
   * @param end behind the greatest; at {@code from} where there are none
   */
  record Range(int kind, int from, int end) {
    public static final Range NONE = new Range(0, 0, 0);

    /** With fewer ids than this it begins anew behind them. */
    private static final int USEFUL = 8;

    /** An id is bound: with it, if it is the next and alike; without all, if one is so no more. */
    public Range with(int id, int ofKind) {
      if (id >= from && id < end) {
        return kind == ofKind ? this : NONE;
      }
      if (kind == ofKind && id == end) {
        return new Range(kind, from, id + 1);
      }
      return end - from < USEFUL ? new Range(ofKind, id, id + 1) : this;
    }
  }

  /** The number of the sensor's {@code weir.v1.Kind}; 0 where the id (unsigned) is not bound. */
  int kindOf(int sensorId);

  /** Ids that need not be looked up one by one; none where that is not known. */
  default Range alike() {
    return Range.NONE;
  }
}
