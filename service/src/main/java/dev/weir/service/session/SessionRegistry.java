package dev.weir.service.session;

import dev.weir.common.Loop;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The open streaming calls of a server, by id. Thread-safe; bounded by {@code sessions_max}. */
public final class SessionRegistry {
  /**
   * An open streaming call. Its session is touched on its loop only.
   *
   * @param id its id
   * @param method such as "Subscribe"
   * @param session what it drives
   * @param loop the session's event loop
   * @param out the way to its peer
   */
  public record Open(
      String id, String method, SessionHandler session, Loop loop, ResponseSender out) {}

  private final int sessionsMax;
  private final Duration retryDelay;
  private final ConcurrentNavigableMap<String, Open> open = new ConcurrentSkipListMap<>();
  private final AtomicInteger places = new AtomicInteger();
  private final CompletableFuture<Void> allLeft = new CompletableFuture<>();
  private volatile Supplier<Fault> refusal; // null while sessions are taken

  /**
   * Makes quotas of no client yet.
   *
   * @param retryDelay told to those for whom there is no place
   */
  public SessionRegistry(int sessionsMax, Duration retryDelay) {
    this.sessionsMax = sessionsMax;
    this.retryDelay = retryDelay;
  }

  /** Takes a place without being listed, or says why not, and then leave all the same. */
  public Optional<Fault> enter() {
    return places.incrementAndGet() <= sessionsMax
        ? Optional.empty()
        : Optional.of(
            Fault.of(
                    ErrorCode.OVERLOADED,
                    "As many sessions are open as sessions_max ("
                        + sessionsMax
                        + ") allows. Retry after the delay, or ask the operator to raise the"
                        + " limit.")
                .retryAfter(retryDelay));
  }

  /** Takes a place and is listed with it, or says why not, and then leave all the same. */
  public Optional<Fault> enter(Open session) {
    Optional<Fault> full = enter();
    if (full.isPresent()) {
      return full;
    }
    open.put(session.id(), session);
    Supplier<Fault> closed = refusal; // read behind the put: either this sees it, or is listed
    return closed == null ? Optional.empty() : Optional.of(closed.get());
  }

  /** Returns the sessions that are listed, without those that come or go meanwhile. */
  Collection<Open> open() {
    return open.values();
  }

  /** From now on whoever comes to be listed is refused; once. Returns who is there. */
  List<Open> close(Supplier<Fault> why) {
    refusal = why;
    List<Open> left = List.copyOf(open.values());
    completeIfEmpty();
    return left;
  }

  /** Completes when the sessions are closed and the last that was listed has left. */
  CompletableFuture<Void> allLeft() {
    return allLeft;
  }

  private void completeIfEmpty() {
    if (refusal != null && open.isEmpty()) {
      allLeft.complete(null);
    }
  }

  /** Gives the place back; once for each {@link #enter()}. */
  public void leave() {
    places.decrementAndGet();
  }

  /** Gives the place back; once for each {@link #enter(Open)}. */
  public void leave(String id) {
    open.remove(id);
    leave();
    completeIfEmpty();
  }

  /** Returns how many places are taken. Any thread. */
  public int count() {
    return places.get();
  }

  /**
   * Some of the sessions.
   *
   * @param sessions by id
   * @param nextAfterId behind which the next page begins; empty where this is the last
   */
  public record Page(List<dev.weir.v1.Session> sessions, String nextAfterId) {}

  /**
   * The sessions behind an id, as they are at about this time. It takes no time of their event
   * loops: a thousand pages at once would delay everybody. Any thread.
   *
   * @param afterId "" for the first page
   * @param most how many, at least 1
   */
  public Page page(String afterId, int most) {
    List<Open> found = open.tailMap(afterId, false).values().stream().limit(most + 1L).toList();
    List<Open> listed = found.subList(0, Math.min(most, found.size()));
    String next = found.size() > most ? found.get(most - 1).id() : "";
    return new Page(listed.stream().map(one -> header(one).build()).toList(), next);
  }

  /**
   * Fills a page of what is known of one session, in slices that leave most of the time of its
   * event loop to others.
   *
   * @param wanted whether somebody still waits for it; any thread
   * @return completed on its event loop when the page is full or has everything; cancelled where
   *     nobody waits for it; or failed with SESSION_NOT_FOUND. The page is not touched afterwards.
   */
  public CompletableFuture<Void> describe(
      String id, SessionDescription page, BooleanSupplier wanted) {
    CompletableFuture<Void> filled = new CompletableFuture<>();
    Open one = open.get(id);
    if (one == null) {
      filled.completeExceptionally(notFound(id).exception());
    } else {
      fill(one, page, wanted, filled);
    }
    return filled;
  }

  private void fill(
      Open one, SessionDescription page, BooleanSupplier wanted, CompletableFuture<Void> filled) {
    one.loop()
        .bulk()
        .post(
            () -> {
              try {
                if (!wanted.getAsBoolean()) {
                  filled.cancel(false);
                } else if (!open.containsKey(one.id())) {
                  filled.completeExceptionally(notFound(one.id()).exception());
                } else if (hasMore(one.session(), page)) {
                  fill(one, page, wanted, filled);
                } else {
                  page.session(header(one).build());
                  filled.complete(null);
                }
              } catch (RuntimeException defect) {
                filled.completeExceptionally(defect);
              }
            });
  }

  private static boolean hasMore(SessionHandler session, SessionDescription page) {
    page.beginSlice();
    return session.describe(page);
  }

  /**
   * Ends one session with a reason.
   *
   * @return completed when it has ended, or with SESSION_NOT_FOUND
   */
  public CompletableFuture<Void> end(String id, Fault reason) {
    return found(id)
        .thenCompose(
            one ->
                onLoop(
                    one,
                    () -> {
                      one.session().end(reason);
                      return id;
                    }))
        .thenAccept(
            ended -> {
              if (ended.isEmpty()) {
                throw notFound(id).exception();
              }
            });
  }

  private CompletableFuture<Open> found(String id) {
    Open one = open.get(id);
    return one == null
        ? CompletableFuture.failedFuture(notFound(id).exception())
        : CompletableFuture.completedFuture(one);
  }

  /** Asks a session on its own loop; empty if it has ended before. */
  private <T> CompletableFuture<Optional<T>> onLoop(Open one, Supplier<T> question) {
    CompletableFuture<Optional<T>> answer = new CompletableFuture<>();
    one.loop()
        .post(
            () -> {
              try {
                answer.complete(
                    open.containsKey(one.id()) ? Optional.of(question.get()) : Optional.empty());
              } catch (RuntimeException defect) {
                answer.completeExceptionally(defect);
              }
            });
    return answer;
  }

  /** Any thread. */
  private static dev.weir.v1.Session.Builder header(Open one) {
    dev.weir.v1.Session.Builder session =
        dev.weir.v1.Session.newBuilder()
            .setId(one.id())
            .setMethod(one.method())
            .setPeerReading(one.out().peerReading());
    one.out().facts().describe(session);
    return session;
  }

  private static Fault notFound(String id) {
    return Fault.of(
            ErrorCode.SESSION_NOT_FOUND,
            "Session " + id + " is not open. ListSessions gives those that are.")
        .with("session", id);
  }
}
