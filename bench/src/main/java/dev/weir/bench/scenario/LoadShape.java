package dev.weir.bench.scenario;

import dev.weir.bench.load.KeyValues;

/**
 * A load: sensors, their times and rate, publishers and subscribers. Immutable.
 *
 * @param sensors published in turn
 * @param jitterMicros of their times; 0: a fixed cadence
 * @param publishers connections of the publishing process; the sensors are dealt out to them
 * @param subscribers connections of the subscribing process, each of which gets everything
 * @param rate readings per second, due at fixed times; 0: as many as the system takes
 */
record LoadShape(int sensors, int jitterMicros, int publishers, int subscribers, int rate) {
  /** The load as users write it: one to one, 1,024 interleaved sensors, jittered times. */
  static final LoadShape STANDARD = new LoadShape(1_024, 1_000, 1, 1, 0);

  LoadShape toSubscribers(int count) {
    return new LoadShape(sensors, jitterMicros, publishers, count, rate);
  }

  LoadShape atRate(int readingsPerSecond) {
    return new LoadShape(sensors, jitterMicros, publishers, subscribers, readingsPerSecond);
  }

  LoadShape ofSensors(int count, int jitter) {
    return new LoadShape(count, jitter, publishers, subscribers, rate);
  }

  LoadShape fromPublishers(int count) {
    return new LoadShape(sensors, jitterMicros, count, subscribers, rate);
  }

  /** Returns the settings that the publishing and the subscribing process have in common. */
  KeyValues shared() {
    return KeyValues.none()
        .with("topic", "bench")
        .with("sensors", sensors)
        .with("jitter", jitterMicros)
        .with("latency", rate > 0);
  }
}
