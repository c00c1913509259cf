package dev.weir.it.contract.harness;

import dev.weir.v1.Batch;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.UploadBatch;
import dev.weir.v1.UploadOpen;
import dev.weir.v1.UploadRequest;
import dev.weir.v1.UploadResponse;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;

/** An upload without any cleverness. Owned by the test's thread. */
public final class RawUpload {
  private final CallRecorder<UploadRequest, UploadResponse> responses = new CallRecorder<>(false);
  private final StreamObserver<UploadRequest> requests;

  /**
   * Opens an upload on the shared connection.
   *
   * @param producer its id; empty for none
   */
  public RawUpload(TestTopic topic, String producer) {
    this(topic, topic.server().channel(), producer);
  }

  /** The same on any connection. */
  public RawUpload(TestTopic topic, Channel channel, String producer) {
    this(topic, channel, producer, 0);
  }

  /** The same on the shared connection, for an epoch. */
  public RawUpload(TestTopic topic, String producer, long epoch) {
    this(topic, topic.server().channel(), producer, epoch);
  }

  private RawUpload(TestTopic topic, Channel channel, String producer, long epoch) {
    requests = PublishServiceGrpc.newStub(channel).upload(responses);
    UploadOpen.Builder open = UploadOpen.newBuilder().setTopic(topic.name());
    requests.onNext(
        UploadRequest.newBuilder()
            .setOpen(open.setProducer(producer).setEpoch(epoch).setClient("contract-test"))
            .build());
  }

  /** Sends a batch, with a sequence or 0. */
  public RawUpload send(long sequence, Batch batch) {
    requests.onNext(
        UploadRequest.newBuilder()
            .setBatch(UploadBatch.newBuilder().setSequence(sequence).setBatch(batch))
            .build());
    return this;
  }

  /** Ends it, and waits for the answer. */
  public UploadResponse finish() {
    requests.onCompleted();
    return responses.await("the answer", any -> true);
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
