package dev.weir.client.internal.publish;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.weir.client.ClientOptions;
import dev.weir.client.WeirClient;
import dev.weir.v1.Ack;
import dev.weir.v1.Defined;
import dev.weir.v1.Durability;
import dev.weir.v1.PartitionSequence;
import dev.weir.v1.Problem;
import dev.weir.v1.PublishLimits;
import dev.weir.v1.PublishOpened;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.Reject;
import dev.weir.v1.SensorBinding;
import dev.weir.v1.SensorProblem;
import dev.weir.v1.Window;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A server over real sockets that does only what a test scripts. Thread-safe. */
public final class ScriptedPublishServer implements AutoCloseable {
  private final BlockingQueue<Session> sessions = new LinkedBlockingQueue<>(100);
  private final Server server;

  public ScriptedPublishServer() throws IOException {
    this(0);
  }

  public ScriptedPublishServer(int port) throws IOException {
    this.server =
        NettyServerBuilder.forAddress(new InetSocketAddress("localhost", port))
            .addService(
                new PublishServiceGrpc.PublishServiceImplBase() {
                  @Override
                  public StreamObserver<PublishStreamRequest> publishStream(
                      StreamObserver<PublishStreamResponse> responses) {
                    Session session = new Session(responses);
                    sessions.add(session);
                    return session;
                  }
                })
            .build()
            .start();
  }

  public WeirClient client() {
    return client(Duration.ZERO);
  }

  public WeirClient client(Duration closeTimeout) {
    return WeirClient.connect(
        ClientOptions.builder("localhost:" + server.getPort())
            .backoffSeed(7)
            .closeTimeout(closeTimeout)
            .build());
  }

  String address() {
    return "localhost:" + server.getPort();
  }

  /** The next session that the client has opened, if any. */
  Session sessionOrNull() {
    return sessions.poll();
  }

  /** The next session that the client opened. */
  public Session session() throws InterruptedException {
    Session session = sessions.poll(10, TimeUnit.SECONDS);
    if (session == null) {
      throw new AssertionError("the client opened no session within 10 s");
    }
    return session;
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  /** One publishing call, seen from the server. Thread-safe. */
  public static final class Session implements StreamObserver<PublishStreamRequest> {
    private final StreamObserver<PublishStreamResponse> responses;
    private final BlockingQueue<PublishStreamRequest> requests = new LinkedBlockingQueue<>(10_000);

    private final CountDownLatch halfClosed = new CountDownLatch(1);
    private volatile boolean holdsEnd;

    private Session(StreamObserver<PublishStreamResponse> responses) {
      this.responses = responses;
    }

    @Override
    public void onNext(PublishStreamRequest request) {
      requests.add(request);
    }

    @Override
    public void onError(Throwable failure) {
      // The client broke the call off; tests look at what it sent.
    }

    @Override
    public void onCompleted() {
      halfClosed.countDown();
      if (!holdsEnd) {
        responses.onCompleted();
      }
    }

    /** Does not end by itself when the client has half-closed. */
    void holdEnd() {
      holdsEnd = true;
    }

    void awaitHalfClose() throws InterruptedException {
      if (!halfClosed.await(10, TimeUnit.SECONDS)) {
        throw new AssertionError("the client did not half-close within 10 s");
      }
    }

    public PublishStreamRequest next() throws InterruptedException {
      PublishStreamRequest request = requests.poll(10, TimeUnit.SECONDS);
      if (request == null) {
        throw new AssertionError("the client sent nothing within 10 s");
      }
      return request;
    }

    /** Returns a request that arrives while none should, or null; waits a moment for it. */
    PublishStreamRequest nextOrNull() throws InterruptedException {
      return requests.poll(150, TimeUnit.MILLISECONDS);
    }

    /** The sequences of the next batches. */
    public List<Long> sequences(int batches) throws InterruptedException {
      List<Long> sequences = new ArrayList<>();
      for (int i = 0; i < batches; i++) {
        sequences.add(next().getBatch().getSequence());
      }
      return sequences;
    }

    public void send(PublishStreamResponse.Builder response) {
      responses.onNext(response.build());
    }

    /** Answers `open`: one partition, a window of so many batches. */
    public void open(long lastSequence, int windowBatches) {
      open(lastSequence, windowBatches, "");
    }

    /** The same on a log of this id. */
    public void open(long lastSequence, int windowBatches, String logId) {
      open(opened(lastSequence, windowBatches).setLogId(logId));
    }

    /** The same of a server with limits. */
    public void open(long lastSequence, int windowBatches, PublishLimits limits) {
      open(opened(lastSequence, windowBatches).setLimits(limits));
    }

    private void open(PublishOpened.Builder opened) {
      send(PublishStreamResponse.newBuilder().setOpened(opened));
    }

    private static PublishOpened.Builder opened(long lastSequence, int windowBatches) {
      return PublishOpened.newBuilder()
          .setProducer("made-up")
          .setEpoch(5)
          .setDurability(Durability.DURABILITY_SYNCED)
          .addLastSequences(PartitionSequence.newBuilder().setLastSequence(lastSequence))
          .setWindow(Window.newBuilder().setBatches(windowBatches).setBytes(8 << 20));
    }

    /** Answers the next request, a `define`, with ids from this one on. */
    public void define(int firstId) throws InterruptedException {
      var define = next().getDefine();
      Defined.Builder defined = Defined.newBuilder().setId(define.getId());
      for (int i = 0; i < define.getSensorsCount(); i++) {
        defined.addBindings(
            SensorBinding.newBuilder()
                .setName(define.getSensors(i).getName())
                .setKind(define.getSensors(i).getKind())
                .setId(firstId + i));
      }
      send(PublishStreamResponse.newBuilder().setDefined(defined));
    }

    /** Answers the next request, a `define`, with a problem for each sensor. */
    void refuseDefine(Problem problem) throws InterruptedException {
      var define = next().getDefine();
      Defined.Builder defined = Defined.newBuilder().setId(define.getId());
      for (int i = 0; i < define.getSensorsCount(); i++) {
        defined.addProblems(SensorProblem.newBuilder().setIndex(i).setProblem(problem));
      }
      send(PublishStreamResponse.newBuilder().setDefined(defined));
    }

    public void ack(long throughSequence) {
      send(
          PublishStreamResponse.newBuilder()
              .setAck(Ack.newBuilder().setThroughSequence(throughSequence).setCursor("c")));
    }

    void reject(long sequence, long expected, Problem problem) {
      send(
          PublishStreamResponse.newBuilder()
              .setReject(
                  Reject.newBuilder()
                      .setSequence(sequence)
                      .setExpectedSequence(expected)
                      .setProblem(problem)));
    }

    void finish() {
      responses.onCompleted();
    }

    void refuse(String reason, Duration retryDelay) {
      responses.onError(
          StatusProto.toStatusRuntimeException(
              com.google.rpc.Status.newBuilder()
                  .setCode(Status.Code.UNAVAILABLE.value())
                  .addDetails(Any.pack(ErrorInfo.newBuilder().setReason(reason).build()))
                  .addDetails(
                      Any.pack(
                          RetryInfo.newBuilder()
                              .setRetryDelay(
                                  com.google.protobuf.Duration.newBuilder()
                                      .setSeconds(retryDelay.toSeconds()))
                              .build()))
                  .build()));
    }

    void fail(Status status) {
      responses.onError(status.asRuntimeException());
    }
  }
}
