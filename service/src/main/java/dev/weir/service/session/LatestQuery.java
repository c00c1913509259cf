package dev.weir.service.session;

import dev.weir.service.catalog.SensorSet;
import dev.weir.service.partition.Topic;
import dev.weir.v1.GetLatestRequest;
import dev.weir.v1.GetLatestResponse;
import java.util.function.IntPredicate;

/**
 * Answers GetLatest. Thread-safe; blocks, so it belongs on the control pool.
 *
 * @param desk what sessions share
 */
public record LatestQuery(Desk desk) {
  /**
   * A page of last values.
   *
   * @throws dev.weir.service.core.fault.FaultException INVALID_ARGUMENT, EMPTY_SELECTOR, TOO_LARGE,
   *     TOPIC_NOT_FOUND, or why the last values are not to be had now
   */
  public GetLatestResponse answer(GetLatestRequest request) {
    Topic topic = desk.existingTopic(request.getTopic());
    return new LatestPages(desk.limits()).page(topic, request, matching(topic, request));
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
