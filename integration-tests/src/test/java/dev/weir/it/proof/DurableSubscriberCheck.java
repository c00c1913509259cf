package dev.weir.it.proof;

import dev.weir.client.ReadingHandler;
import dev.weir.client.SensorInfo;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberListener;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.v1.Gap;
import dev.weir.v1.GetCursorsRequest;
import dev.weir.v1.PhaseChange;
import dev.weir.v1.Reading;
import dev.weir.v1.SubscribeServiceGrpc;
import dev.weir.v1.SubscriptionStatus;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A durable subscriber that commits often, and now and then is given up and begun again after what
 * it committed. Complains about commits that move back, and about a beginning that does not fit the
 * cursor. Thread-safe.
 */
final class DurableSubscriberCheck implements AutoCloseable {
  private static final String NAME = "durable";
  private static final Duration COMMIT_EVERY = Duration.ofMillis(20);

  private final WeirClient client;
  private final Channel channel;
  private final NumberedSources sources;
  private final AuditFindings complaints;

  /**
   * The state of the sources in a partition, at each of the positions there that cursors gave it.
   */
  private final Map<Place, Map<NumberedSource, Long>> positions = new ConcurrentHashMap<>();

  /** The cursor last heard to be committed; empty: none. */
  private volatile String heard = "";

  private ReadingOrderCheck order;
  private Subscriber subscriber;
  private final AtomicLong commits = new AtomicLong();

  /**
   * Begins to follow.
   *
   * @param channel asks what is committed, beside the client
   */
  DurableSubscriberCheck(
      WeirClient client, Channel channel, NumberedSources sources, AuditFindings complaints) {
    this.client = client;
    this.channel = channel;
    this.sources = sources;
    this.complaints = complaints;
    begin();
  }

  private record Place(int partition, Position position) {}

  private void begin() {
    order = new ReadingOrderCheck("durable follower of " + sources.topic(), sources, complaints);
    Run run = new Run(order);
    subscriber =
        client.subscribe(
            SubscriberOptions.builder(sources.topic())
                .durable(NAME)
                .commitEvery(COMMIT_EVERY)
                .listener(run)
                .build(),
            run);
  }

  /**
   * Checks that what the server has committed is one of the cursors given, and none of the older
   * ones.
   */
  private void checkCommitted(Duration patience) {
    String before = heard; // it may hear of more while the server answers
    var request = GetCursorsRequest.newBuilder().setTopic(sources.topic()).setName(NAME).build();
    try {
      String cursor =
          SubscribeServiceGrpc.newBlockingStub(channel)
              .withWaitForReady()
              .withDeadlineAfter(patience.toMillis(), TimeUnit.MILLISECONDS)
              .getCursors(request)
              .getCursors(0)
              .getCursor();
      requireNotBefore(before, cursor);
    } catch (StatusRuntimeException e) {
      complaints.unless(
          e.getStatus().getCode() == Status.Code.NOT_FOUND && before.isEmpty(),
          "durable follower: the committed cursor cannot be had: %s",
          e);
    }
  }

  private void requireNotBefore(String earlier, String later) {
    Map<NumberedSource, Long> before = at(earlier);
    Map<NumberedSource, Long> now = at(later);
    if (before == null || now == null) {
      String never = read(now == null ? later : earlier);
      complaints.add("durable follower: a cursor that it never gave: %s", never);
      return;
    }
    before.forEach(
        (source, number) ->
            complaints.unless(
                now.getOrDefault(source, 0L) >= number,
                "durable follower: a commit moved back in %s, from %s (%s) to %s (%s)",
                source,
                number,
                read(earlier),
                now.get(source),
                read(later)));
  }

  /**
   * Returns where it stood at a cursor; null: never there. In each partition the server keeps the
   * later position of those committed: a commit on its way when the follower was given up may be
   * joined with the first ones after that.
   */
  private Map<NumberedSource, Long> at(String cursor) {
    Map<NumberedSource, Long> all = new HashMap<>();
    for (Place place : places(cursor)) {
      Map<NumberedSource, Long> there = positions.get(place);
      if (there == null) {
        return null;
      }
      all.putAll(there);
    }
    return all;
  }

  private static List<Place> places(String cursor) {
    List<Place> places = new ArrayList<>();
    if (!cursor.isEmpty()) {
      for (Position position : Cursor.parse(cursor).orElseThrow().positions()) {
        places.add(new Place(places.size(), position));
      }
    }
    return places;
  }

  private static String read(String cursor) {
    return cursor + " " + Cursor.parse(cursor);
  }

  /** Looks at the committed cursor; a restart begins again there, as another process would. */
  void audit(boolean restart, Duration patience) {
    if (restart) {
      subscriber.close();
      complaints.unless(
          ProcessWait.until(() -> subscriber.completion().isDone(), patience),
          "durable follower does not end");
    }
    checkCommitted(patience);
    if (restart) {
      begin();
    }
    Map<NumberedSource, Long> acked = sources.acked();
    ReadingOrderCheck now = order;
    if (!ProcessWait.until(
        () -> now.has(acked) || subscriber.completion().isDone() || !complaints.isEmpty(),
        patience)) {
      complaints.add("durable follower does not move: %s, acknowledged %s", now, acked);
    }
    if (subscriber.completion().isDone()) {
      complaints.add("durable follower ended: %s", subscriber.completion());
    }
  }

  /** Commits that were acknowledged. */
  long commits() {
    return commits.get();
  }

  @Override
  public void close() {
    subscriber.close();
  }

  /** One subscriber's life. Called on its own thread. */
  private final class Run implements ReadingHandler, SubscriberListener {
    private final ReadingOrderCheck mine;
    private boolean begun;

    Run(ReadingOrderCheck mine) {
      this.mine = mine;
    }

    @Override
    public void onDouble(SensorInfo sensor, long timeNanos, double value) {
      mine.onReading(sensor.name(), timeNanos, value);
    }

    @Override
    public void onReading(Reading reading) {
      complaints.add("durable follower: not a double: %s", reading);
    }

    @Override
    public void onBatch(String cursor) {
      remember(cursor);
    }

    /** It begins after what is committed, and resumes where it was. */
    @Override
    public void onActive(SubscriptionStatus status) {
      String start = status.getStartCursor();
      if (heard.isEmpty() && !begun) {
        places(start).forEach(place -> positions.putIfAbsent(place, Map.of()));
      }
      if (!begun) {
        begun = true;
        requireNotBefore(heard, start);
        Map<NumberedSource, Long> there = at(start);
        mine.moveTo(there == null ? Map.of() : there);
      } else {
        complaints.unless(
            mine.position().equals(at(start)),
            "durable follower: resumes at %s, was at %s",
            at(start),
            mine.position());
      }
    }

    @Override
    public void onPhase(PhaseChange change) {
      remember(change.getCursor());
    }

    private void remember(String cursor) {
      Map<NumberedSource, Long> position = mine.position();
      for (Place place : places(cursor)) {
        Map<NumberedSource, Long> there = new HashMap<>(position);
        there.keySet().removeIf(source -> source.partition() != place.partition());
        Map<NumberedSource, Long> known = positions.putIfAbsent(place, there);
        complaints.unless(
            known == null || known.equals(there),
            "durable follower: one place, %s, for two positions: %s and %s",
            place,
            known,
            there);
      }
    }

    @Override
    public void onGap(Gap gap) {
      mine.onGap(gap, false);
    }

    @Override
    public void onCommitted(String cursor) {
      requireNotBefore(heard, cursor);
      heard = cursor;
      commits.incrementAndGet();
    }
  }
}
