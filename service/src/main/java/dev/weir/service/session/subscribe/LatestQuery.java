package dev.weir.service.session.subscribe;

import dev.weir.service.core.Timer;
import dev.weir.service.core.fair.Caller;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.ServerContext;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.GetLatestRequest;
import dev.weir.v1.GetLatestResponse;
import dev.weir.v1.Selector;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Answers GetLatest. Thread-safe; it belongs on the control pool, on which it waits for nothing. A
 * call that waits has a place among the sessions.
 *
 * @param context what sessions share
 * @param timer ends waiting
 */
public record LatestQuery(ServerContext context, Timer timer) {
  /**
   * A page of last values.
   *
   * @param caller for whom
   * @return may be cancelled, and then gives its place back; fails with a FaultException where the
   *     last values are not to be had now
   * @throws dev.weir.service.core.fault.FaultException INVALID_ARGUMENT, EMPTY_SELECTOR, TOO_LARGE,
   *     TOPIC_NOT_FOUND, OVERLOADED
   */
  public CompletableFuture<GetLatestResponse> answer(Caller caller, GetLatestRequest request) {
    Optional<Fault> full = context.enter();
    try {
      if (full.isPresent()) {
        throw full.get().exception();
      }
      ServedTopic topic = context.existingTopic(request.getTopic());
      LatestPager pages =
          new LatestPager(
              context.limits(), context.control(), context.admission().snapshots(), timer);
      LatestPager.PageStart place = pages.place(request);
      CompletableFuture<GetLatestResponse> page =
          selectsAll(request)
              ? pages.page(caller, topic, place, id -> true)
              : selected(pages, caller, topic, place, request.getSelector());
      page.whenComplete((made, failed) -> context.leave());
      return page;
    } catch (RuntimeException refused) {
      context.leave();
      throw refused;
    }
  }

  private boolean selectsAll(GetLatestRequest request) {
    if (!request.hasSelector()) {
      return true;
    }
    Selector selector = request.getSelector();
    SelectorCheck.check("selector", selector, context.limits())
        .ifPresent(
            wrong -> {
              throw wrong.exception();
            });
    return selector.getAll() && selector.getLabelsCount() == 0;
  }

  /** The page, once the selector is compiled; what waits for that holds nothing of the request. */
  private CompletableFuture<GetLatestResponse> selected(
      LatestPager pages,
      Caller caller,
      ServedTopic topic,
      LatestPager.PageStart place,
      Selector selector) {
    CompletableFuture<GetLatestResponse> answer = new CompletableFuture<>();
    Caller waiting = new Caller(caller.turn(), () -> !answer.isDone() && caller.isWanted());
    var compiled = context.selections().acquire(waiting, topic, selector, context.control());
    answer.whenComplete((made, failed) -> compiled.cancel(false));
    compiled.whenComplete(
        (selection, refused) -> {
          if (selection == null) {
            answer.completeExceptionally(refused);
            return;
          }
          answer.whenComplete((made, failed) -> selection.release());
          try {
            follow(pages.page(caller, topic, place, selection.sensors()), answer);
          } catch (RuntimeException wrong) {
            answer.completeExceptionally(wrong);
          }
        });
    return answer;
  }

  private static void follow(
      CompletableFuture<GetLatestResponse> page, CompletableFuture<GetLatestResponse> answer) {
    answer.whenComplete((made, failed) -> page.cancel(false));
    page.whenComplete(
        (made, failed) -> {
          if (failed == null) {
            answer.complete(made);
          } else {
            answer.completeExceptionally(failed);
          }
        });
  }
}
