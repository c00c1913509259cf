package dev.weir.it.contract.harness;

import dev.weir.v1.Ack;
import dev.weir.v1.Batch;
import dev.weir.v1.Define;
import dev.weir.v1.Defined;
import dev.weir.v1.Kind;
import dev.weir.v1.OutcomeUnknown;
import dev.weir.v1.Ping;
import dev.weir.v1.PublishBatch;
import dev.weir.v1.PublishOpen;
import dev.weir.v1.PublishOpened;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.Reject;
import dev.weir.v1.Sensor;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** A publishing session without any cleverness. Owned by the test's thread. */
public final class RawPublishSession {
  private final TestTopic topic;
  private final CallRecorder<PublishStreamRequest, PublishStreamResponse> responses;
  private final StreamObserver<PublishStreamRequest> requests;

  RawPublishSession(TestTopic topic, Channel channel) {
    this.topic = topic;
    this.responses = new CallRecorder<>(false);
    this.requests = PublishServiceGrpc.newStub(channel).publishStream(responses);
  }

  /** Returns the responses. */
  public CallRecorder<PublishStreamRequest, PublishStreamResponse> responses() {
    return responses;
  }

  /** Opens without waiting. */
  public RawPublishSession sendOpen(String producer, long epoch, String... features) {
    send(
        PublishStreamRequest.newBuilder()
            .setOpen(
                PublishOpen.newBuilder()
                    .setTopic(topic.name())
                    .setProducer(producer)
                    .setEpoch(epoch)
                    .addAllFeatures(List.of(features))
                    .setClient("contract-test"))
            .build());
    return this;
  }

  /** Opens without waiting. */
  public RawPublishSession sendOpen(PublishOpen open) {
    send(PublishStreamRequest.newBuilder().setOpen(open).build());
    return this;
  }

  /** Opens and waits. */
  public PublishOpened open(String producer, long epoch, String... features) {
    sendOpen(producer, epoch, features);
    return awaitOpened();
  }

  /** Waits until it is open. */
  public PublishOpened awaitOpened() {
    return responses.await("opened", PublishStreamResponse::hasOpened).getOpened();
  }

  /** Opens as a made-up producer. */
  public RawPublishSession opened() {
    open("", 0);
    return this;
  }

  /** Any request. */
  public void send(PublishStreamRequest request) {
    requests.onNext(request);
  }

  /** A batch. */
  public void send(int partition, long sequence, Batch batch) {
    send(request(partition, sequence, batch));
  }

  /** A batch as a request. */
  public static PublishStreamRequest request(int partition, long sequence, Batch batch) {
    return PublishStreamRequest.newBuilder()
        .setBatch(
            PublishBatch.newBuilder().setPartition(partition).setSequence(sequence).setBatch(batch))
        .build();
  }

  /** A batch, and waits for its ack. */
  public Ack store(int partition, long sequence, Batch batch) {
    responses.mark();
    send(partition, sequence, batch);
    return awaitAck(partition, sequence);
  }

  /** Defines sensors, and waits. */
  public Defined define(long id, Sensor... sensors) {
    send(
        PublishStreamRequest.newBuilder()
            .setDefine(Define.newBuilder().setId(id).addAllSensors(List.of(sensors)))
            .build());
    return responses
        .await("defined " + id, said -> said.hasDefined() && said.getDefined().getId() == id)
        .getDefined();
  }

  /** The id of a double sensor, which is bound in this session from now on. */
  public int bind(String sensor) {
    Defined defined = define(sensor.hashCode(), TestBatches.sensor(sensor, Kind.KIND_DOUBLE));
    return defined.getBindings(0).getId();
  }

  /** Asks for a pong, and waits: everything sent before has been read. */
  public void ping(long id) {
    send(PublishStreamRequest.newBuilder().setPing(Ping.newBuilder().setId(id)).build());
    responses.await("pong " + id, said -> said.hasPong() && said.getPong().getId() == id);
  }

  /** Waits until a sequence is acked. */
  public Ack awaitAck(int partition, long sequence) {
    return responses
        .await(
            "ack of partition " + partition + " through " + sequence,
            said ->
                said.hasAck()
                    && said.getAck().getPartition() == partition
                    && said.getAck().getThroughSequence() >= sequence)
        .getAck();
  }

  /** Waits until a sequence is rejected. */
  public Reject awaitReject(int partition, long sequence) {
    return responses
        .await(
            "reject of partition " + partition + " sequence " + sequence,
            said ->
                said.hasReject()
                    && said.getReject().getPartition() == partition
                    && said.getReject().getSequence() == sequence)
        .getReject();
  }

  /** Waits until nobody knows of a sequence. */
  public OutcomeUnknown awaitUnknown(int partition, long sequence) {
    return responses
        .await(
            "unknown outcome of partition " + partition + " sequence " + sequence,
            said ->
                said.hasOutcomeUnknown()
                    && said.getOutcomeUnknown().getPartition() == partition
                    && said.getOutcomeUnknown().getSequence() == sequence)
        .getOutcomeUnknown();
  }

  /** All acks of a partition so far. */
  public List<Ack> acks(int partition) {
    return responses.all().stream()
        .filter(PublishStreamResponse::hasAck)
        .map(PublishStreamResponse::getAck)
        .filter(ack -> ack.getPartition() == partition)
        .toList();
  }

  /** All rejects of a partition so far. */
  public List<Reject> rejects(int partition) {
    return responses.all().stream()
        .filter(PublishStreamResponse::hasReject)
        .map(PublishStreamResponse::getReject)
        .filter(reject -> reject.getPartition() == partition)
        .toList();
  }

  /** The greatest sequence acked so far; 0 for none. */
  public long acked(int partition) {
    return acks(partition).stream().mapToLong(Ack::getThroughSequence).max().orElse(0);
  }

  /** Returns the duplicates reported so far. */
  public int duplicates(int partition) {
    return acks(partition).stream().mapToInt(Ack::getDuplicates).sum();
  }

  /** No more requests. */
  public void halfClose() {
    requests.onCompleted();
  }

  /** Breaks the call. */
  public void cancel() {
    responses.cancel();
  }

  /** Waits for the end of the call and returns its status. */
  public CallFailure awaitEnd() {
    return responses.awaitEnd();
  }
}
