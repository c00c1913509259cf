package dev.weir.service.session.subscribe;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.Timer;
import dev.weir.service.core.budget.RevocableBudget;
import dev.weir.service.core.fair.Caller;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.latest.CutHolder;
import dev.weir.service.latest.PositionedCut;
import dev.weir.service.partition.Partition;
import dev.weir.service.session.ControlPool;
import dev.weir.service.session.PageToken;
import dev.weir.service.session.SnapshotMemory;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.GetLatestRequest;
import dev.weir.v1.GetLatestResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntPredicate;

/**
 * Pages of last values, by sensor id. Immutable; may be asked on any thread, and blocks none: the
 * pages are made on the control pool.
 */
public final class LatestPager {
  /** The method, as its tokens name it. */
  static final String LIST = "GetLatest";

  private static final int PAGE_SIZE_DEFAULT = 1_000;

  private final Limits limits;
  private final ControlPool control;
  private final RevocableBudget snapshots;
  private final Timer timer;

  /**
   * The begin and the size of a page.
   *
   * @param fromId the first sensor that may be on it
   * @param size most entries
   */
  record PageStart(int fromId, int size) {}

  /**
   * Pages under the bounds of a server.
   *
   * @param control makes them
   * @param snapshots is charged what they keep in memory
   * @param timer ends waiting for what they are made of
   */
  public LatestPager(Limits limits, ControlPool control, RevocableBudget snapshots, Timer timer) {
    this.limits = limits;
    this.control = control;
    this.snapshots = snapshots;
    this.timer = timer;
  }

  /**
   * The page asked for, once the last values are as of now, for which is waited at most
   * latest_wait_ms.
   *
   * @param caller for whom
   * @param place of the page
   * @param matchesId the sensor ids that the request selects
   * @return may be cancelled, and then waits for nothing; fails with a FaultException: OVERLOADED
   *     or STORE_FAILED where the last values are not to be had now
   */
  CompletableFuture<GetLatestResponse> page(
      Caller caller, ServedTopic topic, PageStart place, IntPredicate matchesId) {
    CompletableFuture<GetLatestResponse> page = new CompletableFuture<>();
    var memory = new SnapshotMemory(snapshots, caller.turn().toString(), control.retryDelay());
    CutHolder holder =
        memory.hold(
            () ->
                page.completeExceptionally(
                    memory.lost("The page of topic " + topic.info().name()).exception()));
    page.whenComplete((made, failed) -> holder.close());
    Caller waiting = new Caller(caller.turn(), () -> !page.isDone() && caller.isWanted());
    cuts(topic, holder, page)
        .whenComplete(
            (cuts, failed) -> {
              if (failed == null) {
                var work =
                    new LatestPageTask(
                        limits, topic, cuts, place.fromId(), place.size(), matchesId, page);
                control
                    .offer(waiting, work)
                    .ifPresent(full -> page.completeExceptionally(full.exception()));
              } else {
                page.completeExceptionally(refusal(topic, failed));
              }
            });
    return page;
  }

  /**
   * The page that a request asks for.
   *
   * @throws FaultException INVALID_ARGUMENT for its size or token
   */
  PageStart place(GetLatestRequest request) {
    return new PageStart(
        PageToken.number(LIST, request.getPageToken()), size(request.getPageSize()));
  }

  private int size(int asked) {
    int max = limits.getInt(Limit.READ_LIMIT_MAX);
    if (asked < 0 || asked > max) {
      throw Fault.invalid("page_size", "must be from 1 to " + max + ", or 0 for 1000").exception();
    }
    return asked == 0 ? Math.min(PAGE_SIZE_DEFAULT, max) : asked;
  }

  /**
   * The last values of all partitions as of now; fails with a TimeoutException in time, and when
   * the page is not wanted any more.
   */
  private CompletableFuture<List<PositionedCut>> cuts(
      ServedTopic topic, CutHolder holder, CompletableFuture<?> page) {
    List<CompletableFuture<PositionedCut>> asked = new ArrayList<>();
    for (Partition partition : topic.partitions()) {
      asked.add(partition.latest().cut(holder));
    }
    Runnable cancel =
        timer.schedule(
            TimeUnit.MILLISECONDS.toNanos(limits.get(Limit.LATEST_WAIT_MS)),
            () -> forget(topic, asked, new TimeoutException()));
    page.whenComplete((made, failed) -> forget(topic, asked, failed));
    return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
        .whenComplete((done, failed) -> cancel.run())
        .thenApply(done -> asked.stream().map(CompletableFuture::join).toList());
  }

  private static void forget(
      ServedTopic topic, List<CompletableFuture<PositionedCut>> asked, Throwable why) {
    for (int p = 0; p < asked.size(); p++) {
      if (!asked.get(p).isDone()) {
        topic.partitions().get(p).latest().forget(asked.get(p));
        asked.get(p).completeExceptionally(why);
      }
    }
  }

  private FaultException refusal(ServedTopic topic, Throwable failed) {
    Throwable cause = failed instanceof CompletionException ? failed.getCause() : failed;
    Fault fault =
        cause instanceof TimeoutException
            ? Fault.of(
                ErrorCode.OVERLOADED,
                "The last values of topic "
                    + topic.info().name()
                    + " did not reach the end of its log within "
                    + limits.told(Limit.LATEST_WAIT_MS)
                    + ". Retry.")
            : Fault.of(ErrorCode.STORE_FAILED, "The last values cannot be read: " + cause);
    return fault.retryAfter(Duration.ofMillis(limits.get(Limit.RETRY_DELAY_MS))).exception();
  }
}
