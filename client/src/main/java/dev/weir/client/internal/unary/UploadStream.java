package dev.weir.client.internal.unary;

import dev.weir.client.internal.errors.ErrorTranslator;
import dev.weir.client.internal.threads.ClientLoop;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.UploadBatch;
import dev.weir.v1.UploadOpen;
import dev.weir.v1.UploadRequest;
import dev.weir.v1.UploadResponse;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.Iterator;
import java.util.function.BooleanSupplier;

/**
 * One upload, sent by its caller's thread as fast as the transport takes it. Thread-safe; its lock
 * guards the outcome.
 */
public final class UploadStream implements ClientResponseObserver<UploadRequest, UploadResponse> {
  /** The longest time that a server may take nothing, and answer nothing. */
  static final Duration STALL_MAX = Duration.ofSeconds(60);

  private final ClientLoop loop;
  private ClientCallStreamObserver<UploadRequest> call;
  private boolean stuck;
  private UploadResponse response;
  private Throwable failure;
  private boolean over;

  private UploadStream(ClientLoop loop) {
    this.loop = loop;
  }

  /** Sends the batches and waits for the answer; throws a WeirException without one. */
  public static UploadResponse run(
      Channel channel, ClientLoop loop, UploadOpen open, Iterator<UploadBatch> batches) {
    UploadStream upload = new UploadStream(loop);
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
      throw ErrorTranslator.interrupted();
    } finally {
      if (!sent) {
        upload.call.cancel("the readings could not be read", null);
      }
    }
  }

  private void send(UploadRequest.Builder request) {
    call.onNext(request.build());
  }

  /** Waits until more may be sent; returns false where the server has answered already. */
  private synchronized boolean awaitReady() throws InterruptedException {
    await(() -> over || call.isReady());
    return !over;
  }

  /** Waits, but not for ever: then the call is broken off, and so it is over. */
  private synchronized void await(BooleanSupplier reached) throws InterruptedException {
    if (reached.getAsBoolean()) {
      return;
    }
    ClientLoop.Timer timer = loop.schedule(this::breakOff, STALL_MAX.toNanos());
    try {
      while (!reached.getAsBoolean()) {
        wait();
      }
    } finally {
      timer.cancel();
    }
  }

  private void breakOff() {
    synchronized (this) {
      stuck = !over;
    }
    call.cancel("no progress", null);
  }

  private UploadResponse awaitResponse() throws InterruptedException {
    synchronized (this) {
      if (!stuck) {
        call.onCompleted();
      }
      await(() -> over);
      if (stuck) {
        throw ErrorTranslator.unavailable("the server took nothing of an upload for " + STALL_MAX);
      }
      if (failure instanceof StatusRuntimeException broken) {
        throw ErrorTranslator.of(broken);
      }
      if (response == null) {
        throw ErrorTranslator.internal("the server ended an upload without an answer");
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
