package dev.weir.it.proof;

import dev.weir.client.ReadingHandler;
import dev.weir.client.SensorInfo;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberListener;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.v1.Gap;
import dev.weir.v1.OnExpired;
import dev.weir.v1.PhaseChange;
import dev.weir.v1.Reading;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * A subscriber that begins with a snapshot. The snapshot must hold the last reading of each sensor
 * as of one position, after all that was acknowledged before; what comes then must follow that
 * position. Thread-safe.
 */
final class SnapshotCheck implements AutoCloseable {
  private final NumberedSources sources;
  private final AuditFindings complaints;
  private final String who;
  private final boolean gapsPermitted;
  private final Map<NumberedSource, Long> ackedBefore;
  private final ReadingOrderCheck order;
  private final Subscriber subscriber;
  private volatile boolean complete;

  /**
   * Begins with a snapshot as of now.
   *
   * @param gapsPermitted whether retention may be faster
   */
  SnapshotCheck(
      WeirClient client, NumberedSources sources, boolean gapsPermitted, AuditFindings complaints) {
    this.sources = sources;
    this.gapsPermitted = gapsPermitted;
    this.complaints = complaints;
    who = "snapshot of " + sources.topic();
    ackedBefore = sources.acked();
    order = new ReadingOrderCheck(who, sources, complaints);
    Run run = new Run();
    subscriber =
        client.subscribe(
            SubscriberOptions.builder(sources.topic())
                .snapshot()
                .onExpired(OnExpired.ON_EXPIRED_EARLIEST)
                .listener(run)
                .build(),
            run);
  }

  /** Waits until the snapshot is complete, and all that is acknowledged by now has come. */
  void awaitAcked(Duration patience) {
    Map<NumberedSource, Long> acked = sources.acked();
    if (!ProcessWait.until(
        () ->
            complete && order.has(acked)
                || subscriber.completion().isDone()
                || !complaints.isEmpty(),
        patience)) {
      complaints.add("%s does not move: complete %s, %s", who, complete, order);
    }
    if (subscriber.completion().isDone()) {
      complaints.add("%s ended: %s", who, subscriber.completion());
    }
  }

  @Override
  public void close() {
    subscriber.close();
  }

  /** Called on the subscriber's own thread. */
  private final class Run implements ReadingHandler, SubscriberListener {
    private final Map<String, Long> values = new HashMap<>();
    private boolean inSnapshot;

    @Override
    public void onDouble(SensorInfo sensor, long timeNanos, double value) {
      if (!inSnapshot) {
        order.onReading(sensor.name(), timeNanos, value);
        return;
      }
      long number = (long) value;
      NumberedSource source = sources.of(sensor.name());
      complaints.unless(
          source != null && number < source.sent() && NumberedSource.timeNanos(number) == timeNanos,
          "%s: never sent: %s at %s value %s",
          who,
          sensor,
          timeNanos,
          value);
      complaints.unless(
          values.put(sensor.name(), number) == null, "%s: %s comes twice", who, sensor.name());
    }

    @Override
    public void onReading(Reading reading) {
      complaints.add("%s: not a double: %s", who, reading);
    }

    @Override
    public void onGap(Gap gap) {
      order.onGap(gap, gapsPermitted && !inSnapshot);
    }

    @Override
    public void onPhase(PhaseChange change) {
      switch (change.getPhase()) {
        case PHASE_SNAPSHOT_BEGIN -> {
          values.clear();
          inSnapshot = true;
        }
        case PHASE_SNAPSHOT_END -> {
          inSnapshot = false;
          order.moveTo(cut());
          complete = true;
        }
        default -> {
          // Caught up or fell behind: nothing to check.
        }
      }
    }

    /** The position that the values are as of. */
    private Map<NumberedSource, Long> cut() {
      Map<NumberedSource, Long> cut = new HashMap<>();
      values.forEach((sensor, number) -> cut.merge(sources.of(sensor), number + 1, Math::max));
      ackedBefore.forEach(
          (source, acked) ->
              complaints.unless(
                  cut.getOrDefault(source, 0L) >= acked,
                  "%s: ends at %s of %s, and %s were acknowledged before",
                  who,
                  cut.get(source),
                  source,
                  acked));
      cut.forEach(this::requireLastOfEach);
      return cut;
    }

    private void requireLastOfEach(NumberedSource source, long end) {
      for (String sensor : source.sensors()) {
        Long last = null;
        for (long number = end - 1; number >= 0 && last == null; number--) {
          last = source.sensor(number).equals(sensor) ? number : null;
        }
        Long shown = values.get(sensor);
        complaints.unless(
            last == null ? shown == null : last.equals(shown),
            "%s: shows %s of %s as of %s, the last is %s",
            who,
            shown,
            sensor,
            end,
            last);
      }
    }
  }
}
