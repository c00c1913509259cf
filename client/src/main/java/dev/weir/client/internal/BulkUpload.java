package dev.weir.client.internal;

import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.UploadBatch;
import dev.weir.v1.UploadOpen;
import dev.weir.v1.UploadRequest;
import dev.weir.v1.UploadResponse;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Iterator;

/**
 * One upload, sent by its caller's thread as fast as the transport takes it. Thread-safe; its lock
 * guards the outcome.
 */
final class BulkUpload implements ClientResponseObserver<UploadRequest, UploadResponse> {
  private ClientCallStreamObserver<UploadRequest> call;
  private UploadResponse response;
  private Throwable failure;
  private boolean over;

  /** Sends the batches and waits for the answer; throws a WeirException without one. */
  static UploadResponse run(Channel channel, UploadOpen open, Iterator<UploadBatch> batches) {
    BulkUpload upload = new BulkUpload();
    PublishServiceGrpc.newStub(channel).upload(upload);
    boolean sent = false;
    try {
      upload.send(UploadRequest.newBuilder().setOpen(open));
      while (upload.awaitReady() && batches.hasNext()) {
        upload.send(UploadRequest.newBuilder().setBatch(batches.next()));
      }
      sent = true;
      return upload.awaitResponse();
    } catch (InterruptedException e) {
      upload.call.cancel("interrupted", e);
      Thread.currentThread().interrupt();
      throw Errors.closed("the interrupted upload");
    } finally {
      if (!sent) {
        upload.call.cancel("the readings could not be read", null);
      }
    }
  }

  private void send(UploadRequest.Builder request) {
    call.onNext(request.build());
  }

  /** Whether more may be sent; false: the server has answered already. */
  private synchronized boolean awaitReady() throws InterruptedException {
    while (!over && !call.isReady()) {
      wait();
    }
    return !over;
  }

  private UploadResponse awaitResponse() throws InterruptedException {
    call.onCompleted();
    synchronized (this) {
      while (!over) {
        wait();
      }
      if (failure instanceof StatusRuntimeException broken) {
        throw Errors.of(broken);
      }
      if (response == null) {
        throw Errors.internal("the server ended an upload without an answer");
      }
      return response;
    }
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<UploadRequest> theCall) {
    call = theCall;
    call.setOnReadyHandler(this::wake);
  }

  private synchronized void wake() {
    notifyAll();
  }

  @Override
  public synchronized void onNext(UploadResponse theResponse) {
    response = theResponse;
  }

  @Override
  public synchronized void onError(Throwable theFailure) {
    failure = theFailure;
    over = true;
    notifyAll();
  }

  @Override
  public synchronized void onCompleted() {
    over = true;
    notifyAll();
  }
}
