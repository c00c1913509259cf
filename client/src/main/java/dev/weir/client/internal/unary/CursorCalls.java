package dev.weir.client.internal.unary;

import dev.weir.client.Cursors;
import dev.weir.client.internal.errors.ErrorTranslator;
import dev.weir.v1.CommitCursorRequest;
import dev.weir.v1.CommitCursorResponse;
import dev.weir.v1.CommittedCursor;
import dev.weir.v1.DeleteCursorRequest;
import dev.weir.v1.GetCursorsRequest;
import dev.weir.v1.GetCursorsResponse;
import dev.weir.v1.SubscribeServiceGrpc;
import io.grpc.MethodDescriptor;
import java.util.concurrent.CompletableFuture;

/** The unary calls about one topic's committed cursors. Immutable, thread-safe. */
public record CursorCalls(UnaryRetry calls, String topic) implements Cursors {
  private static final MethodDescriptor<CommitCursorRequest, CommitCursorResponse> COMMIT =
      SubscribeServiceGrpc.getCommitCursorMethod();

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
      throw ErrorTranslator.internal(
          "the server answered " + page.getCursorsCount() + " cursors, not one");
    }
    return page.getCursors(0);
  }

  private GetCursorsResponse get(GetCursorsRequest.Builder request) {
    return calls.call(SubscribeServiceGrpc.getGetCursorsMethod(), request.setTopic(topic).build());
  }

  @Override
  public String commit(String name, String cursor) {
    return calls.call(COMMIT, request(name, cursor)).getCursor();
  }

  /**
   * The same without waiting, within a deadline; completes on a thread of the connection, which is
   * not to be held up.
   */
  public CompletableFuture<String> commitAsync(String name, String cursor) {
    return calls
        .begin(COMMIT, request(name, cursor), calls.policyOf(COMMIT))
        .thenApply(CommitCursorResponse::getCursor);
  }

  private CommitCursorRequest request(String name, String cursor) {
    return CommitCursorRequest.newBuilder().setTopic(topic).setName(name).setCursor(cursor).build();
  }

  @Override
  public void delete(String name) {
    DeleteCursorRequest request =
        DeleteCursorRequest.newBuilder().setTopic(topic).setName(name).build();
    calls.call(SubscribeServiceGrpc.getDeleteCursorMethod(), request);
  }
}
