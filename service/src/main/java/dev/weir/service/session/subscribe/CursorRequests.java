package dev.weir.service.session.subscribe;

import com.google.common.base.Utf8;
import com.google.protobuf.util.Timestamps;
import dev.weir.service.catalog.CursorStore;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.CursorResolver;
import dev.weir.service.core.cursor.LogRange;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.cursor.ResolvedPosition;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.session.PageToken;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.topic.TopicRegistry;
import dev.weir.service.wire.names.TopicNameRule;
import dev.weir.v1.CommitCursorRequest;
import dev.weir.v1.CommitCursorResponse;
import dev.weir.v1.CommittedCursor;
import dev.weir.v1.DeleteCursorRequest;
import dev.weir.v1.DeleteCursorResponse;
import dev.weir.v1.GetCursorsRequest;
import dev.weir.v1.GetCursorsResponse;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Committed cursors as sessions and unary calls ask for them. Thread-safe; it never blocks, and its
 * answers come on the system thread or the caller's.
 *
 * @param topics the topics and their cursors
 * @param limits the bounds
 */
public record CursorRequests(TopicRegistry topics, Limits limits) {
  private static final int PAGE_SIZE_DEFAULT = 100;
  private static final String GET_CURSORS = "GetCursors";

  /** Returns what is wrong with a durable subscription's name; empty where nothing is. */
  public static Optional<Fault> checkName(String field, String name, Limits limits) {
    int bytesMax = limits.getInt(Limit.DURABLE_NAME_BYTES_MAX);
    if (name.isEmpty() || name.length() > bytesMax || Utf8.encodedLength(name) > bytesMax) {
      return Optional.of(
          Fault.invalid(
              field, "must have from 1 to " + bytesMax + " bytes (durable_name_bytes_max)"));
    }
    return name.codePoints().anyMatch(Character::isISOControl)
        ? Optional.of(Fault.invalid(field, "must not contain control characters"))
        : Optional.empty();
  }

  /**
   * Commits a cursor under a checked name, forward only.
   *
   * @param field where the cursor was in the request
   * @param reply told once what is committed now, or why nothing is: CURSOR_INVALID, LIMIT_REACHED,
   *     OVERLOADED, or a failed store
   */
  public void commit(
      ServedTopic topic,
      String name,
      String cursorText,
      String field,
      Consumer<CursorStore.Outcome> reply) {
    Optional<Cursor> cursor = Cursor.parse(cursorText);
    Optional<Fault> wrong =
        cursor.isEmpty()
            ? Optional.of(invalid(field, "it is damaged or not a cursor"))
            : check(topic, cursor.get(), field);
    if (wrong.isPresent()) {
      reply.accept(new CursorStore.Outcome.Refused(wrong.get()));
    } else {
      topics.cursors().commit(topic.info(), name, cursor.get(), reply);
    }
  }

  /** A cursor that retention overtook is as good as any: it says what is done. */
  private static Optional<Fault> check(ServedTopic topic, Cursor cursor, String field) {
    if (cursor.logId() != topic.info().logId()
        || cursor.partitions() != topic.partitions().size()) {
      return Optional.of(invalid(field, "it is of another log than topic " + topic.info().name()));
    }
    for (int p = 0; p < cursor.partitions(); p++) {
      if (CursorResolver.resolve(cursor.position(p), topic.range(p))
          instanceof ResolvedPosition.Invalid bad) {
        return Optional.of(invalid(field, bad.why()));
      }
    }
    return Optional.empty();
  }

  private static Fault invalid(String field, String why) {
    return Fault.field(
        ErrorCode.CURSOR_INVALID, field, why + "; commit a cursor that the server gave");
  }

  /** CommitCursor. */
  public void commitCursor(
      CommitCursorRequest request, Consumer<CommitCursorResponse> done, Consumer<Fault> refused) {
    attempt(
        () -> {
          ServedTopic topic = topic(request.getTopic());
          checkName(request.getName());
          commit(
              topic,
              request.getName(),
              request.getCursor(),
              "cursor",
              outcome -> answer(outcome, done, refused));
        },
        refused);
  }

  private static void answer(
      CursorStore.Outcome outcome, Consumer<CommitCursorResponse> done, Consumer<Fault> refused) {
    if (outcome instanceof CursorStore.Outcome.Stored stored) {
      done.accept(CommitCursorResponse.newBuilder().setCursor(stored.cursor().text()).build());
    } else if (outcome instanceof CursorStore.Outcome.Refused why) {
      refused.accept(why.fault());
    }
  }

  /** DeleteCursor. */
  public void deleteCursor(
      DeleteCursorRequest request, Consumer<DeleteCursorResponse> done, Consumer<Fault> refused) {
    attempt(
        () -> {
          ServedTopic topic = topic(request.getTopic());
          checkName(request.getName());
          topics
              .cursors()
              .delete(
                  topic.info(),
                  request.getName(),
                  failed ->
                      failed.ifPresentOrElse(
                          refused, () -> done.accept(DeleteCursorResponse.getDefaultInstance())));
        },
        refused);
  }

  private static void attempt(Runnable request, Consumer<Fault> refused) {
    try {
      request.run();
    } catch (FaultException wrong) {
      refused.accept(wrong.fault());
    }
  }

  /**
   * GetCursors.
   *
   * @throws FaultException INVALID_ARGUMENT, TOPIC_NOT_FOUND, CURSOR_NOT_FOUND
   */
  public GetCursorsResponse getCursors(GetCursorsRequest request) {
    ServedTopic topic = topic(request.getTopic());
    int size = pageSize(request.getPageSize());
    GetCursorsResponse.Builder response = GetCursorsResponse.newBuilder();
    if (!request.getName().isEmpty()) {
      checkName(request.getName());
      CursorStore.Committed one =
          topics
              .cursors()
              .find(topic.info(), request.getName())
              .orElseThrow(() -> CursorStore.notFound(topic.info(), request.getName()).exception());
      return response.addCursors(message(topic, one)).build();
    }
    List<CursorStore.Committed> page =
        topics
            .cursors()
            .page(topic.info(), PageToken.place(GET_CURSORS, request.getPageToken()), size + 1);
    long bytes = 0;
    int taken = 0;
    while (taken < Math.min(size, page.size()) && (taken == 0 || bytes < pageBytesMax())) {
      CommittedCursor cursor = message(topic, page.get(taken++));
      response.addCursors(cursor);
      bytes += cursor.getSerializedSize();
    }
    if (taken < page.size()) {
      response.setNextPageToken(PageToken.of(GET_CURSORS, page.get(taken - 1).name()));
    }
    return response.build();
  }

  private long pageBytesMax() {
    return limits.get(Limit.READ_BYTES_MAX);
  }

  private int pageSize(int asked) {
    int max = limits.getInt(Limit.PAGE_SIZE_MAX);
    if (asked < 0 || asked > max) {
      throw Fault.invalid("page_size", "must be from 1 to " + max + ", or 0 for 100").exception();
    }
    return asked == 0 ? Math.min(PAGE_SIZE_DEFAULT, max) : asked;
  }

  private static CommittedCursor message(ServedTopic topic, CursorStore.Committed committed) {
    long lagReadings = 0;
    for (int p = 0; p < topic.partitions().size(); p++) {
      LogRange range = topic.range(p);
      long seen = goesOnAt(committed.cursor().position(p), range).readingsSeen();
      lagReadings += Math.max(0, range.endReadings() - seen);
    }
    return CommittedCursor.newBuilder()
        .setName(committed.name())
        .setCursor(committed.cursor().text())
        .setCommitTime(Timestamps.fromNanos(committed.timeNanos()))
        .setLagReadings(lagReadings)
        .build();
  }

  /** Counts begin anew where a log in memory does, and behind what is not stored any more. */
  private static Position goesOnAt(Position committed, LogRange range) {
    ResolvedPosition resolved = CursorResolver.resolve(committed, range);
    if (resolved instanceof ResolvedPosition.Expired expired) {
      return expired.earliest();
    }
    return resolved instanceof ResolvedPosition.Lost lost ? lost.to() : committed;
  }

  private void checkName(String name) {
    checkName("name", name, limits)
        .ifPresent(
            wrong -> {
              throw wrong.exception();
            });
  }

  private ServedTopic topic(String name) {
    ServedTopic topic = topics.find(name);
    if (topic == null) {
      TopicNameRule.check(name)
          .ifPresent(
              wrong -> {
                throw Fault.invalid("topic", wrong).exception();
              });
      throw topics.refusal(name).exception();
    }
    return topic;
  }
}
