package dev.weir.service.partition;

import dev.weir.service.core.fault.Fault;
import dev.weir.v1.Batch;
import dev.weir.v1.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A session as its partition sees it, and what it was answered. Owned by one test. */
final class TestPublisher implements Publisher {
  private final Partition partition;
  private final String producer;
  private final long epoch;
  final List<Result> results = new ArrayList<>();
  Fault superseded;

  TestPublisher(Partition partition, String producer, long epoch) {
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
  TestPublisher open() {
    offer(new Request.Open(this, true, results::add));
    return this;
  }

  TestPublisher leave() {
    offer(new Request.Leave(this));
    return this;
  }

  TestPublisher append(long sequence, String sensor, long... values) {
    return append(sequence, TestBatches.rows(sensor, values));
  }

  TestPublisher append(long sequence, Batch batch) {
    return append(sequence, TestBatches.named(batch, 0), results::add);
  }

  TestPublisher append(long sequence, Payload payload, Consumer<Result> reply) {
    offer(new Request.Append(this, producer, epoch, sequence, payload, reply));
    return this;
  }

  /** A unary Publish in this producer's name. */
  TestPublisher single(long epochAsked, long sequence, String sensor, long... values) {
    Payload payload = TestBatches.named(sensor, values);
    offer(new Request.Append(null, producer, epochAsked, sequence, payload, results::add));
    return this;
  }

  TestPublisher define(Kind kind, String... names) {
    var sensors = List.of(names).stream().map(name -> TestBatches.sensor(name, kind)).toList();
    offer(new Request.Define(sensors, results::add));
    return this;
  }

  private void offer(Request request) {
    if (!partition.offer(request)) {
      throw new AssertionError("not taken: " + request);
    }
  }

  /** The newest answer. */
  Result last() {
    return results.get(results.size() - 1);
  }
}
