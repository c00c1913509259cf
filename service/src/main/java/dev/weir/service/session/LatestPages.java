package dev.weir.service.session;

import com.google.protobuf.ByteString;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.Slice;
import dev.weir.service.core.Timer;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.latest.Cut;
import dev.weir.service.latest.CutAt;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.Topic;
import dev.weir.v1.GetLatestRequest;
import dev.weir.v1.GetLatestResponse;
import dev.weir.v1.Kind;
import dev.weir.v1.Reading;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;

/**
 * Pages of last values, by sensor id. Immutable; may be asked on any thread, and blocks none: the
 * pages are made on the control pool.
 */
public final class LatestPages {
  private static final int PAGE_SIZE_DEFAULT = 1_000;

  /** Tag and length of an entry. */
  private static final int ENTRY_BYTES_MAX = 6;

  private final Limits limits;
  private final Control control;
  private final Timer timer;

  /**
   * Pages under the bounds of a server.
   *
   * @param control makes them
   * @param timer ends waiting for what they are made of
   */
  public LatestPages(Limits limits, Control control, Timer timer) {
    this.limits = limits;
    this.control = control;
    this.timer = timer;
  }

  /**
   * The page asked for, once the last values are as of now, for which is waited at most
   * latest_wait_ms.
   *
   * @param matchesId the sensor ids that the request selects
   * @return may be cancelled, and then waits for nothing; fails with a FaultException: OVERLOADED
   *     or STORE_FAILED where the last values are not to be had now
   * @throws FaultException INVALID_ARGUMENT for the page's size or token
   */
  public CompletableFuture<GetLatestResponse> page(
      Topic topic, GetLatestRequest request, IntPredicate matchesId) {
    int size = size(request.getPageSize());
    int fromId = token(request.getPageToken());
    CompletableFuture<GetLatestResponse> page = new CompletableFuture<>();
    cuts(topic, page)
        .whenComplete(
            (cuts, failed) ->
                control
                    .offer(
                        () -> {
                          if (page.isDone()) {
                            return; // nobody waits for it any more
                          }
                          if (failed == null) {
                            make(page, topic, cuts, fromId, size, matchesId);
                          } else {
                            page.completeExceptionally(refusal(topic, failed));
                          }
                        })
                    .ifPresent(full -> page.completeExceptionally(full.exception())));
    return page;
  }

  private int size(int asked) {
    int max = limits.getInt(Limit.READ_LIMIT_MAX);
    if (asked < 0 || asked > max) {
      throw Fault.invalid("page_size", "expected 1 to " + max + ", or 0 for 1000").exception();
    }
    return asked == 0 ? Math.min(PAGE_SIZE_DEFAULT, max) : asked;
  }

  private static int token(String token) {
    int fromId;
    try {
      fromId = token.isEmpty() ? 0 : Integer.parseInt(token);
    } catch (NumberFormatException wrong) {
      fromId = -1;
    }
    if (fromId < 0) {
      throw Fault.invalid("page_token", "is not a next_page_token of GetLatest").exception();
    }
    return fromId;
  }

  /**
   * The last values of all partitions as of now; fails with a TimeoutException in time, and when
   * the page is not wanted any more.
   */
  private CompletableFuture<List<CutAt>> cuts(Topic topic, CompletableFuture<?> page) {
    List<CompletableFuture<CutAt>> asked = new ArrayList<>();
    for (Partition partition : topic.partitions()) {
      asked.add(partition.latest().cut());
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

  private static void forget(Topic topic, List<CompletableFuture<CutAt>> asked, Throwable why) {
    for (int p = 0; p < asked.size(); p++) {
      if (!asked.get(p).isDone()) {
        topic.partitions().get(p).latest().forget(asked.get(p));
        asked.get(p).completeExceptionally(why);
      }
    }
  }

  private FaultException refusal(Topic topic, Throwable failed) {
    Throwable cause = failed instanceof CompletionException ? failed.getCause() : failed;
    Fault fault =
        cause instanceof TimeoutException
            ? Fault.of(
                ErrorCode.OVERLOADED,
                "the last values of topic "
                    + topic.info().name()
                    + " are not at the end of its log yet; retry")
            : Fault.of(ErrorCode.STORE_FAILED, "last values cannot be read: " + cause);
    return fault.retryAfter(Duration.ofMillis(limits.get(Limit.RETRY_DELAY_MS))).exception();
  }

  private void make(
      CompletableFuture<GetLatestResponse> made,
      Topic topic,
      List<CutAt> cuts,
      int fromId,
      int size,
      IntPredicate matchesId) {
    try {
      GetLatestResponse.Builder page =
          GetLatestResponse.newBuilder()
              .setCursor(
                  Cursor.of(topic.info().logId(), cuts.stream().map(CutAt::position).toList())
                      .text());
      int next = fill(page, topic, cuts, fromId, size, matchesId);
      made.complete(
          next < 0 ? page.build() : page.setNextPageToken(Integer.toString(next)).build());
    } catch (RuntimeException | Error defect) { // the call must not wait for ever
      made.completeExceptionally(defect);
      throw defect;
    }
  }

  /** Adds what fits. Returns the sensor id of the next page; -1 if there is none. */
  private int fill(
      GetLatestResponse.Builder page,
      Topic topic,
      List<CutAt> cuts,
      int fromId,
      int size,
      IntPredicate matchesId) {
    int count = cuts.size();
    int end = 0;
    for (CutAt at : cuts) {
      end = Math.max(end, at.cut().ordinals() * count);
    }
    IntFunction<byte[]> names = Fetch.names(topic);
    long bytes = 0;
    int taken = 0;
    for (int id = fromId; id < end; id++) {
      Cut cut = cuts.get(id % count).cut();
      int ordinal = id / count;
      if (!cut.has(ordinal) || !matchesId.test(id)) {
        continue;
      }
      ByteString name = ByteString.copyFrom(names.apply(id));
      Reading reading = cut.tooLarge(ordinal) ? null : reading(name, cut, ordinal);
      bytes += ENTRY_BYTES_MAX + (reading == null ? name.size() : reading.getSerializedSize());
      if (taken == size || taken > 0 && bytes > limits.get(Limit.READ_BYTES_MAX)) {
        return id;
      }
      taken++;
      if (reading == null) {
        page.addTooLargeBytes(name);
      } else {
        page.addReadings(reading);
      }
    }
    return -1;
  }

  private static Reading reading(ByteString name, Cut cut, int ordinal) {
    Reading.Builder reading =
        Reading.newBuilder().setSensorBytes(name).setTime(Times.timestamp(cut.timeNanos(ordinal)));
    long bits = cut.bits(ordinal);
    switch (cut.kind(ordinal)) {
      case Kind.KIND_DOUBLE_VALUE -> reading.setDouble(Double.longBitsToDouble(bits));
      case Kind.KIND_INTEGER_VALUE -> reading.setInteger(bits);
      case Kind.KIND_BOOLEAN_VALUE -> reading.setBoolean(bits != 0);
      case Kind.KIND_TEXT_VALUE -> reading.setTextBytes(bytes(cut.bytes(ordinal)));
      default -> reading.setBlob(bytes(cut.bytes(ordinal)));
    }
    return reading.build();
  }

  private static ByteString bytes(Slice value) {
    return ByteString.copyFrom(value.array(), value.offset(), value.length());
  }
}
