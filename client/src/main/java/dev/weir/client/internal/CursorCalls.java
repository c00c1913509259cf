package dev.weir.client.internal;

import dev.weir.client.Cursors;
import dev.weir.v1.CommitCursorRequest;
import dev.weir.v1.CommitCursorResponse;
import dev.weir.v1.CommittedCursor;
import dev.weir.v1.DeleteCursorRequest;
import dev.weir.v1.GetCursorsRequest;
import dev.weir.v1.GetCursorsResponse;
import dev.weir.v1.SubscribeServiceGrpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The unary calls about one topic's committed cursors. Immutable, thread-safe. */
record CursorCalls(SubscribeServiceGrpc.SubscribeServiceBlockingStub subscribe, String topic)
    implements Cursors {
  private static final int COMMIT_SECONDS_MAX = 5;

  @Override
  public Iterable<CommittedCursor> list() {
    return () ->
        new PageIterator<>(
            token -> {
              GetCursorsResponse page =
                  get(
                      GetCursorsRequest.newBuilder()
                          .setPageSize(UnaryCalls.PAGE_SIZE)
                          .setPageToken(token));
              return new PageIterator.Page<>(page.getCursorsList(), page.getNextPageToken());
            });
  }

  @Override
  public CommittedCursor get(String name) {
    if (name.isEmpty()) {
      // The request of all cursors, of which there may be one.
      throw new IllegalArgumentException("name: \"\" (expected 1 to 128 bytes of UTF-8)");
    }
    GetCursorsResponse page = get(GetCursorsRequest.newBuilder().setName(name));
    if (page.getCursorsCount() != 1) {
      throw Errors.internal("the server answered " + page.getCursorsCount() + " cursors, not one");
    }
    return page.getCursors(0);
  }

  private GetCursorsResponse get(GetCursorsRequest.Builder request) {
    return UnaryCalls.call(() -> subscribe.getCursors(request.setTopic(topic).build()));
  }

  @Override
  public String commit(String name, String cursor) {
    return UnaryCalls.call(() -> subscribe.commitCursor(request(name, cursor))).getCursor();
  }

  /**
   * The same without waiting, within a deadline; completes on a thread of the connection, which is
   * not to be held up.
   */
  CompletableFuture<String> commitAsync(String name, String cursor) {
    CompletableFuture<String> done = new CompletableFuture<>();
    SubscribeServiceGrpc.newStub(subscribe.getChannel())
        .withExecutor(Runnable::run)
        .withDeadlineAfter(COMMIT_SECONDS_MAX, TimeUnit.SECONDS)
        .commitCursor(request(name, cursor), new Completion(done));
    return done;
  }

  private CommitCursorRequest request(String name, String cursor) {
    return CommitCursorRequest.newBuilder().setTopic(topic).setName(name).setCursor(cursor).build();
  }

  @Override
  public void delete(String name) {
    DeleteCursorRequest request =
        DeleteCursorRequest.newBuilder().setTopic(topic).setName(name).build();
    UnaryCalls.call(() -> subscribe.deleteCursor(request));
  }

  /** Completes a future with the answer of a commit. Immutable. */
  private record Completion(CompletableFuture<String> done)
      implements StreamObserver<CommitCursorResponse> {
    @Override
    public void onNext(CommitCursorResponse response) {
      done.complete(response.getCursor());
    }

    @Override
    public void onError(Throwable failure) {
      done.completeExceptionally(
          Errors.of(Status.fromThrowable(failure), Status.trailersFromThrowable(failure)));
    }

    @Override
    public void onCompleted() {
      // Its answer came before; the stub has an error for none.
    }
  }
}
