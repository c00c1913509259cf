package dev.weir.bench.compare;

import dev.weir.bench.load.Fields;

/**
 * What is published and who receives it. Immutable.
 *
 * @param sensors published in turn
 * @param jitterMicros of their times; 0: a fixed cadence
 * @param publishers connections of the publishing process; the sensors are dealt out to them
 * @param subscribers connections of the subscribing process, each of which gets everything
 * @param rate readings per second, due at fixed times; 0: as many as the system takes
 */
record Load(int sensors, int jitterMicros, int publishers, int subscribers, int rate) {
  /** As users write it: one to one, 1,024 interleaved sensors, jittered times. */
  static final Load STANDARD = new Load(1_024, 1_000, 1, 1, 0);

  Load toSubscribers(int count) {
    return new Load(sensors, jitterMicros, publishers, count, rate);
  }

  Load atRate(int readingsPerSecond) {
    return new Load(sensors, jitterMicros, publishers, subscribers, readingsPerSecond);
  }

  Load ofSensors(int count, int jitter) {
    return new Load(count, jitter, publishers, subscribers, rate);
  }

  Load fromPublishers(int count) {
    return new Load(sensors, jitterMicros, count, subscribers, rate);
  }

  /** What both processes must know. */
  Fields shared() {
    return Fields.none()
        .with("topic", "bench")
        .with("sensors", sensors)
        .with("jitter", jitterMicros)
        .with("latency", rate > 0);
  }
}
