package dev.weir.service.session;

import dev.weir.service.catalog.SensorSet;
import dev.weir.service.core.Timer;
import dev.weir.service.core.fair.Caller;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.Topic;
import dev.weir.v1.GetLatestRequest;
import dev.weir.v1.GetLatestResponse;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntPredicate;

/**
 * Answers GetLatest. Thread-safe; compiles selectors, so it belongs on the control pool, on which
 * it waits for nothing. A call that waits has a place among the sessions.
 *
 * @param desk what sessions share
 * @param timer ends waiting
 */
public record LatestQuery(Desk desk, Timer timer) {
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
    Optional<Fault> full = desk.enter();
    try {
      if (full.isPresent()) {
        throw full.get().exception();
      }
      Topic topic = desk.existingTopic(request.getTopic());
      CompletableFuture<GetLatestResponse> page =
          new LatestPages(desk.limits(), desk.control(), timer)
              .page(caller, topic, request, matching(topic, request));
      page.whenComplete((made, failed) -> desk.leave());
      return page;
    } catch (RuntimeException refused) {
      desk.leave();
      throw refused;
    }
  }

  private IntPredicate matching(Topic topic, GetLatestRequest request) {
    if (!request.hasSelector()) {
      return id -> true;
    }
    SelectorCheck.check("selector", request.getSelector(), desk.limits())
        .ifPresent(
            wrong -> {
              throw wrong.exception();
            });
    return new SensorSet(topic.sensors(), request.getSelector());
  }
}
