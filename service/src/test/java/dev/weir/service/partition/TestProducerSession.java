package dev.weir.service.partition;

import dev.weir.service.core.fault.Fault;
import dev.weir.v1.Batch;
import dev.weir.v1.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A session as its partition sees it, and what it was answered. Owned by one test. */
public final class TestProducerSession implements ProducerSession {
  private final Partition partition;
  private final String producer;
  private final long epoch;
  public final List<PartitionResult> results = new ArrayList<>();
  Fault superseded;

  public TestProducerSession(Partition partition, String producer, long epoch) {
    this.partition = partition;
    this.producer = producer;
    this.epoch = epoch;
  }

  @Override
  public String producer() {
    return producer;
  }

  @Override
  public long epoch() {
    return epoch;
  }

  @Override
  public void superseded(Fault fault) {
    superseded = fault;
  }

  /** Asks to be the newest session. */
  public TestProducerSession open() {
    offer(new PartitionRequest.Open(this, true, results::add));
    return this;
  }

  public TestProducerSession leave() {
    offer(new PartitionRequest.Leave(this));
    return this;
  }

  public TestProducerSession append(long sequence, String sensor, long... values) {
    return append(sequence, SampleBatches.rows(sensor, values));
  }

  TestProducerSession append(long sequence, Batch batch) {
    return append(sequence, SampleBatches.named(batch, 0), results::add);
  }

  TestProducerSession append(long sequence, Payload payload, Consumer<PartitionResult> reply) {
    offer(new PartitionRequest.Append(this, producer, epoch, sequence, payload, reply));
    return this;
  }

  /** A unary Publish in this producer's name. */
  public TestProducerSession single(long epochAsked, long sequence, String sensor, long... values) {
    Payload payload = SampleBatches.named(sensor, values);
    offer(new PartitionRequest.Append(null, producer, epochAsked, sequence, payload, results::add));
    return this;
  }

  public TestProducerSession define(Kind kind, String... names) {
    var sensors = List.of(names).stream().map(name -> SampleBatches.sensor(name, kind)).toList();
    offer(new PartitionRequest.Define(sensors, results::add));
    return this;
  }

  private void offer(PartitionRequest request) {
    if (!partition.offer(request)) {
      throw new AssertionError("not taken: " + request);
    }
  }

  /** The newest answer. */
  public PartitionResult last() {
    return results.get(results.size() - 1);
  }
}
