package dev.weir.it.contract.harness;

import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Kind;
import dev.weir.v1.Sensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Publishes readings that are numbered per partition: the value is the number, from 0, and the
 * sensors of a partition take turns. So the values alone show what is missing. Owned by the test's
 * thread.
 */
public final class NumberedPublisher {
  /** Event time of the number 0; the next ones follow by {@link #STEP_NANOS}. */
  public static final long BASE_NANOS = 1_700_000_000L * 1_000_000_000L;

  /** Event time between two numbers. */
  public static final long STEP_NANOS = 1_000;

  private static final int DEFINED_AT_ONCE = 4_000;

  private final TestTopic topic;
  private final int sensors;
  private final RawPublishSession publisher;
  private final List<List<String>> names = new ArrayList<>();
  private final List<List<Integer>> ids = new ArrayList<>();
  private final long[] sequences;
  private final long[] next;
  private long defines;

  /** Opens a publisher and defines so many sensors in every partition. */
  public NumberedPublisher(TestTopic topic, int sensors) {
    this(topic, sensors, topic.publisher().opened());
  }

  private NumberedPublisher(TestTopic topic, int sensors, RawPublishSession publisher) {
    this.topic = topic;
    this.sensors = sensors;
    this.publisher = publisher;
    this.sequences = new long[topic.partitions()];
    this.next = new long[topic.partitions()];
    for (int p = 0; p < topic.partitions(); p++) {
      names.add(new ArrayList<>());
      ids.add(new ArrayList<>());
      for (int n = 0; n < sensors; n++) {
        names.get(p).add(topic.sensor(p, n));
      }
      for (int from = 0; from < sensors; from += DEFINED_AT_ONCE) {
        define(p, names.get(p).subList(from, Math.min(sensors, from + DEFINED_AT_ONCE)));
      }
    }
  }

  private void define(int partition, List<String> some) {
    Sensor[] asked =
        some.stream()
            .map(name -> TestBatches.sensor(name, Kind.KIND_DOUBLE))
            .toArray(Sensor[]::new);
    publisher
        .define(++defines, asked)
        .getBindingsList()
        .forEach(bound -> ids.get(partition).add(bound.getId()));
  }

  /** The session it publishes in. */
  public RawPublishSession publisher() {
    return publisher;
  }

  /** The sensor of a number. */
  public String sensor(int partition, long number) {
    return names.get(partition).get((int) (number % sensors));
  }

  /** Numbers sent to a partition so far. */
  public long sent(int partition) {
    return next[partition];
  }

  /** Numbers sent to every partition so far. */
  public long[] sent() {
    return Arrays.copyOf(next, next.length);
  }

  /** Readings sent to all partitions so far. */
  public long sentInAll() {
    return Arrays.stream(next).sum();
  }

  /** Sends so many numbers to every partition, in batches, as fast as the server takes them. */
  public NumberedPublisher send(int count, int batch) {
    for (int done = 0; done < count; done += batch) {
      for (int p = 0; p < topic.partitions(); p++) {
        publisher.responses().awaitReady();
        publisher.send(p, ++sequences[p], batch(p, Math.min(batch, count - done)));
      }
    }
    return this;
  }

  private Batch batch(int partition, int count) {
    Columns.Builder columns =
        Columns.newBuilder()
            .setCount(count)
            .setTimeBase(BASE_NANOS + next[partition] * STEP_NANOS)
            .setTimeStep(STEP_NANOS);
    for (int i = 0; i < count; i++) {
      long number = next[partition]++;
      columns.addSensorIds(ids.get(partition).get((int) (number % sensors)));
      columns.addDoubles((double) number);
    }
    return Batch.newBuilder().addColumns(columns).build();
  }

  /** Waits until everything sent is stored. */
  public NumberedPublisher settle() {
    for (int p = 0; p < topic.partitions(); p++) {
      if (sequences[p] > 0) {
        publisher.awaitAck(p, sequences[p]);
      }
    }
    return this;
  }
}
