package dev.weir.client.internal.subscribe;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import dev.weir.client.ClientOptions;
import dev.weir.client.WeirClient;
import dev.weir.v1.CommitCursorRequest;
import dev.weir.v1.CommitCursorResponse;
import dev.weir.v1.Delivery;
import dev.weir.v1.EndReason;
import dev.weir.v1.Gap;
import dev.weir.v1.GapReason;
import dev.weir.v1.Phase;
import dev.weir.v1.PhaseChange;
import dev.weir.v1.Problem;
import dev.weir.v1.Reading;
import dev.weir.v1.Refused;
import dev.weir.v1.SubscribeOpened;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.SubscribeServiceGrpc;
import dev.weir.v1.Subscription;
import dev.weir.v1.SubscriptionEnd;
import dev.weir.v1.SubscriptionStatus;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A server over real sockets that delivers only what a test scripts. Thread-safe. */
public final class ScriptedSubscribeServer implements AutoCloseable {
  private final BlockingQueue<Session> sessions = new LinkedBlockingQueue<>(100);
  private final BlockingQueue<Commit> commits = new LinkedBlockingQueue<>(1_000);
  private final Server server;

  public ScriptedSubscribeServer() throws IOException {
    this.server =
        NettyServerBuilder.forAddress(new InetSocketAddress("localhost", 0))
            .addService(new Service())
            .build()
            .start();
  }

  public WeirClient client() {
    return WeirClient.connect(
        ClientOptions.builder("localhost:" + server.getPort()).backoffSeed(7).build());
  }

  /** The next session that the client opened. */
  Session session() throws InterruptedException {
    return next(sessions, "opened no session");
  }

  /** The next session, opened and its subscription added at this position. */
  public Session opened(String startCursor) throws InterruptedException {
    Session session = session();
    session.subscription = session.next().getOpen().getSubscriptions(0);
    session.send(SubscribeResponse.newBuilder().setOpened(SubscribeOpened.getDefaultInstance()));
    session.send(
        SubscribeResponse.newBuilder()
            .setStatus(SubscriptionStatus.newBuilder().setStartCursor(startCursor)));
    return session;
  }

  /** The next commit, which waits for its answer. */
  Commit commit() throws InterruptedException {
    return next(commits, "committed nothing");
  }

  /** Returns a commit that arrives while none should, or null; waits a moment for it. */
  Commit commitOrNull() throws InterruptedException {
    return commits.poll(150, TimeUnit.MILLISECONDS);
  }

  private static <T> T next(BlockingQueue<T> queue, String otherwise) throws InterruptedException {
    T next = queue.poll(10, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("the client " + otherwise + " within 10 s");
    }
    return next;
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private final class Service extends SubscribeServiceGrpc.SubscribeServiceImplBase {
    @Override
    public StreamObserver<SubscribeRequest> subscribe(StreamObserver<SubscribeResponse> to) {
      Session session = new Session(to);
      sessions.add(session);
      return session;
    }

    @Override
    public void commitCursor(CommitCursorRequest request, StreamObserver<CommitCursorResponse> to) {
      commits.add(new Commit(request, to));
    }
  }

  /** A commit that the client asked for. Thread-safe, like its observer. */
  record Commit(CommitCursorRequest request, StreamObserver<CommitCursorResponse> to) {
    String cursor() {
      return request.getCursor();
    }

    /** It succeeds; returns its cursor. */
    String succeed() {
      return succeed(cursor());
    }

    /** It succeeds, and this is what is committed now. */
    String succeed(String committed) {
      to.onNext(CommitCursorResponse.newBuilder().setCursor(committed).build());
      to.onCompleted();
      return cursor();
    }

    void refuse(String reason, Status status) {
      to.onError(
          StatusProto.toStatusRuntimeException(
              com.google.rpc.Status.newBuilder()
                  .setCode(status.getCode().value())
                  .addDetails(Any.pack(ErrorInfo.newBuilder().setReason(reason).build()))
                  .build()));
    }
  }

  /** One subscribing call, seen from the server. Thread-safe. */
  public static final class Session implements StreamObserver<SubscribeRequest> {
    private final StreamObserver<SubscribeResponse> responses;
    private final BlockingQueue<SubscribeRequest> requests = new LinkedBlockingQueue<>(10_000);
    private final CountDownLatch halfClosed = new CountDownLatch(1);
    private volatile boolean holdsEnd;
    private volatile boolean cancelled;
    private volatile Subscription subscription;

    private Session(StreamObserver<SubscribeResponse> responses) {
      this.responses = responses;
    }

    @Override
    public void onNext(SubscribeRequest request) {
      requests.add(request);
    }

    @Override
    public void onError(Throwable failure) {
      cancelled = true; // the client broke the call off
    }

    public boolean isCancelled() {
      return cancelled;
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

    public void awaitHalfClose() throws InterruptedException {
      if (!halfClosed.await(10, TimeUnit.SECONDS)) {
        throw new AssertionError("the client did not half-close within 10 s");
      }
    }

    /** Returns the subscription that the session was opened with. */
    public Subscription subscription() {
      return subscription;
    }

    SubscribeRequest next() throws InterruptedException {
      return ScriptedSubscribeServer.next(requests, "sent nothing");
    }

    /** Returns the requests that arrived and were not asked for yet. */
    public List<SubscribeRequest> requests() {
      return List.copyOf(requests);
    }

    /** Returns a request that arrives while none should, or null; waits a moment for it. */
    SubscribeRequest nextOrNull() throws InterruptedException {
      return requests.poll(150, TimeUnit.MILLISECONDS);
    }

    public void send(SubscribeResponse.Builder response) {
      responses.onNext(response.build());
    }

    /** Delivers readings of the sensor "s" with these values; an empty cursor in a snapshot. */
    public void deliver(String cursor, double... values) {
      Delivery.Builder delivery = Delivery.newBuilder().setCursor(cursor);
      for (double value : values) {
        delivery.addReadings(Reading.newBuilder().setSensor("s").setDouble(value));
      }
      delivery.setChargedReadings(values.length).setChargedBytes(10L * values.length);
      send(SubscribeResponse.newBuilder().setDelivery(delivery));
    }

    public void phase(Phase phase, String cursor) {
      send(
          SubscribeResponse.newBuilder()
              .setPhase(PhaseChange.newBuilder().setPhase(phase).setCursor(cursor)));
    }

    void gap(GapReason reason, String toCursor) {
      send(
          SubscribeResponse.newBuilder()
              .setGap(Gap.newBuilder().setReason(reason).setToCursor(toCursor)));
    }

    public void end(EndReason reason, String cursor) {
      send(
          SubscribeResponse.newBuilder()
              .setEnd(SubscriptionEnd.newBuilder().setReason(reason).setCursor(cursor)));
    }

    /** Ends the subscription, not the call. */
    void fail(String reason, Status status) {
      SubscriptionEnd.Builder end =
          SubscriptionEnd.newBuilder()
              .setReason(EndReason.END_REASON_FAILED)
              .setProblem(problem(reason, status));
      send(SubscribeResponse.newBuilder().setEnd(end));
    }

    void refuse(String reason, Status status) {
      send(
          SubscribeResponse.newBuilder()
              .setRefused(Refused.newBuilder().setProblem(problem(reason, status))));
    }

    private static Problem problem(String reason, Status status) {
      return Problem.newBuilder().setReason(reason).setCode(status.getCode().value()).build();
    }

    void fail(Status status) {
      responses.onError(status.asRuntimeException());
    }
  }
}
