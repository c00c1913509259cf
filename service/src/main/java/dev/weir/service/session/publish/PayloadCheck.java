package dev.weir.service.session.publish;

import dev.weir.service.catalog.DefinedSensor;
import dev.weir.service.catalog.SensorCatalog;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.Payload;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.wire.check.BatchCheck;
import dev.weir.service.wire.check.BatchCheckResult;
import dev.weir.service.wire.check.BatchLimits;
import dev.weir.service.wire.check.BatchRecoder;
import dev.weir.service.wire.check.InvalidBatch;
import dev.weir.service.wire.check.NamedBatch;
import dev.weir.service.wire.check.RecodeResult;
import dev.weir.service.wire.check.SensorKinds;
import dev.weir.service.wire.names.Partitioner;
import dev.weir.v1.Sensor;
import java.util.ArrayList;
import java.util.List;

/** Turns batches into payloads. Stateless; what is not canonical belongs on the control pool. */
public final class PayloadCheck {
  /**
   * A batch of a publishing session as it arrived.
   *
   * @param partition it is checked against
   * @param sequence its sequence
   * @param batch its bytes
   * @param messageBytes of the message it came in
   */
  record Arrival(int partition, long sequence, Slice batch, int messageBytes) {
    private static final Slice DROPPED = Slice.of(new byte[0]);

    /** It without its bytes, as one that is refused. */
    Arrival emptied() {
      return new Arrival(partition, sequence, DROPPED, messageBytes);
    }

    @SuppressWarnings("ReferenceEquality") // a batch of no bytes is not this mark
    boolean isEmptied() {
      return batch == DROPPED;
    }
  }

  private PayloadCheck() {}

  /** A batch that needs no conversion, or is wrong, as a payload; null for any other. */
  static Payload ready(Arrival arrival, ServedTopic topic, SensorKinds bound, BatchLimits limits) {
    BatchCheckResult checked = checked(arrival, topic, bound, limits);
    if (checked instanceof BatchCheckResult.Canonical canonical) {
      return encoded(arrival, canonical);
    }
    return checked instanceof InvalidBatch bad ? new Payload.Refused(bad) : null;
  }

  /** Checks and re-encodes a batch of a session, which belongs to one partition. */
  static Payload recode(
      Arrival arrival,
      ServedTopic topic,
      SensorKinds bound,
      BatchLimits limits,
      long receivedNanos) {
    if (checked(arrival, topic, bound, limits) instanceof BatchCheckResult.Canonical canonical) {
      return encoded(arrival, canonical);
    }
    RecodeResult recoded = BatchRecoder.decode(arrival.batch(), bound, receivedNanos, limits);
    if (!(recoded instanceof NamedBatch batch)) {
      return new Payload.Refused((InvalidBatch) recoded);
    }
    for (int partition : partitions(batch, topic)) {
      if (partition != arrival.partition()) {
        return new Payload.Refused(
            new InvalidBatch(spansPartitions(arrival.partition()), List.of()));
      }
    }
    return new Payload.Named(batch);
  }

  /** Checks the bytes of a batch, and that they belong to its partition. */
  static BatchCheckResult checked(
      Arrival arrival, ServedTopic topic, SensorKinds bound, BatchLimits limits) {
    int partitions = topic.partitions().size();
    SensorKinds here =
        partitions == 1
            ? bound
            : sensor -> sensor % partitions == arrival.partition() ? bound.kindOf(sensor) : 0;
    BatchCheckResult checked = BatchCheck.check(arrival.batch(), here, limits);
    if (partitions > 1
        && checked instanceof InvalidBatch bad
        && bad.fault().code() == ErrorCode.UNKNOWN_SENSOR_ID
        && BatchCheck.check(arrival.batch(), bound, limits) instanceof BatchCheckResult.Canonical) {
      return new InvalidBatch(spansPartitions(arrival.partition()), bad.rows());
    }
    return checked;
  }

  /** A canonical batch, stored as it came. */
  static Payload encoded(Arrival arrival, BatchCheckResult.Canonical canonical) {
    return new Payload.Encoded(
        arrival.batch(),
        canonical.readings(),
        canonical.eventMinNanos(),
        canonical.eventMaxNanos(),
        canonical.traceparent());
  }

  /** The sensors that a batch names, as far as they are known. */
  static List<DefinedSensor> known(Payload payload, SensorCatalog sensors) {
    List<DefinedSensor> known = new ArrayList<>();
    if (payload instanceof Payload.Named named) {
      for (Sensor sensor : named.batch().sensors()) {
        DefinedSensor found =
            sensor.getName().isEmpty()
                ? sensors.byId(sensor.getId())
                : sensors.byName(sensor.getName());
        if (found != null) {
          known.add(found);
        }
      }
    }
    return known;
  }

  /** The partition of each sensor of a batch. */
  public static int[] partitions(NamedBatch batch, ServedTopic topic) {
    int count = topic.partitions().size();
    int[] partitions = new int[batch.sensors().size()];
    for (int i = 0; i < partitions.length; i++) {
      Sensor sensor = batch.sensors().get(i);
      partitions[i] =
          sensor.getName().isEmpty()
              ? sensor.getId() % count
              : Partitioner.partition(sensor.getName(), count);
    }
    return partitions;
  }

  /** The fault of a batch that must have one partition, and has sensors of others. */
  public static Fault spansPartitions(int partition) {
    return Fault.of(
        ErrorCode.SPANS_PARTITIONS,
        "The batch has sensors that do not belong to partition "
            + partition
            + ". Split it by partition.");
  }
}
