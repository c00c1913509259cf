package dev.weir.service.wire;

/**
 * The sensor ids that a batch may use, such as those bound in a session. Called once per reading by
 * the thread that checks or re-encodes; must not block.
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

    /** With one more, if it is alike and the next; without all, if it is among them and is not. */
    public Range with(int id, int ofKind) {
      if (from == end) {
        return new Range(ofKind, id, id + 1);
      }
      if (kind == ofKind) {
        return id == end ? new Range(kind, from, id + 1) : this;
      }
      return id >= from && id < end ? NONE : this;
    }
  }

  /** The number of the sensor's {@code weir.v1.Kind}; 0 where the id (unsigned) is not bound. */
  int kindOf(int sensorId);

  /** Ids that need not be looked up one by one; none where that is not known. */
  default Range alike() {
    return Range.NONE;
  }
}
