package dev.weir.service.session.feed;

import com.google.protobuf.Duration;
import dev.weir.common.Loop;
import dev.weir.service.catalog.CursorStore;
import dev.weir.service.catalog.SelectedSensors;
import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.fair.Caller;
import dev.weir.service.core.fair.SlicedTask;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.core.mode.Mode;
import dev.weir.service.core.mode.ThresholdDirection;
import dev.weir.service.core.overflow.OverflowRule;
import dev.weir.service.session.CallInfo;
import dev.weir.service.session.ControlPool;
import dev.weir.service.session.SelectionCache;
import dev.weir.service.session.ServerContext;
import dev.weir.service.session.TimeMessages;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.view.EventTimeRange;
import dev.weir.service.view.View;
import dev.weir.v1.EventTime;
import dev.weir.v1.Format;
import dev.weir.v1.MaxLag;
import dev.weir.v1.OnExpired;
import dev.weir.v1.Selector;
import dev.weir.v1.Start;
import dev.weir.v1.Subscription;
import dev.weir.v1.Until;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Turns what a client asks for into what a feed delivers. Stateless. */
public final class SubscriptionResolver {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /**
   * Who waits for an order.
   *
   * @param facts of the call
   * @param wanted whether it still waits; any thread
   */
  public record Waiting(CallInfo facts, BooleanSupplier wanted) {}

  private SubscriptionResolver() {}

  /**
   * Has a checked subscription made an order of, off the loop. One of both is told on the loop.
   *
   * @param waiting for whom; once nobody waits, neither is told
   * @param made may hold a view: give it to a feed, or {@link #discard} it
   * @param refused why it cannot be served
   */
  public static void make(
      ServerContext context,
      Loop loop,
      Subscription asked,
      FeedFormat shape,
      Waiting waiting,
      Consumer<FeedSpec> made,
      Consumer<Fault> refused) {
    String name = asked.getTopic();
    if (context.topics().find(name) == null && !follows(asked, shape, context)) {
      refused.accept(context.missing(name)); // an empty topic would be of no use
      return;
    }
    Caller caller = waiting.facts().caller(waiting.wanted());
    context.topic(
        waiting.facts(),
        name,
        loop,
        there ->
            context
                .control()
                .offer(
                    caller,
                    SlicedTask.once(
                        () ->
                            select(context, asked, context.control(), caller)
                                .whenComplete(
                                    (selected, failed) -> {
                                      if (failed == null) {
                                        finish(
                                            context, loop, asked, shape, selected, made, refused);
                                      } else if (caller.isWanted()) {
                                        Fault fault = faultOf(failed);
                                        loop.post(() -> refused.accept(fault));
                                      }
                                    })))
                .ifPresent(refused),
        refused);
  }

  /** Returns whether it goes on for some time, and not only through what is there. */
  private static boolean follows(Subscription asked, FeedFormat shape, ServerContext context) {
    Until until = asked.getUntil();
    boolean over =
        until.hasTime() && TimeMessages.nanos(until.getTime()) <= context.epochNanos().getAsLong();
    return shape != FeedFormat.PAGE && !until.getNow() && !over;
  }

  /**
   * What an order is made of.
   *
   * @param selection null where all sensors are selected
   */
  private record Selected(ServedTopic topic, SelectionCache.Selection selection) {
    void release() {
      if (selection != null) {
        selection.release();
      }
    }
  }

  private static CompletableFuture<Selected> select(
      ServerContext context, Subscription asked, ControlPool control, Caller caller) {
    try {
      ServedTopic topic = context.existingTopic(asked.getTopic());
      Selector selector = asked.getSelector();
      return selectsAll(selector)
          ? CompletableFuture.completedFuture(new Selected(topic, null))
          : context
              .selections()
              .acquire(caller, topic, selector, control)
              .thenApply(selection -> new Selected(topic, selection));
    } catch (RuntimeException refused) {
      return CompletableFuture.failedFuture(refused);
    }
  }

  private static boolean selectsAll(Selector selector) {
    return selector.getAll() && selector.getLabelsCount() == 0;
  }

  private static void finish(
      ServerContext context,
      Loop loop,
      Subscription asked,
      FeedFormat shape,
      Selected selected,
      Consumer<FeedSpec> made,
      Consumer<Fault> refused) {
    try {
      FeedSpec order = of(context, selected, asked, shape);
      loop.post(() -> made.accept(order));
    } catch (RuntimeException failed) {
      selected.release();
      Fault fault = faultOf(failed);
      loop.post(() -> refused.accept(fault));
    }
  }

  /**
   * The order of a checked subscription of a topic that is there. Blocks on disk, and while its
   * selector is compiled.
   *
   * @throws FaultException why it cannot be served
   */
  public static FeedSpec of(ServerContext context, Subscription asked, FeedFormat shape) {
    ControlPool atOnce = new ControlPool(Runnable::run, context.control().retryDelay());
    return of(context, select(context, asked, atOnce, Caller.of(context)).join(), asked, shape);
  }

  private static FeedSpec of(
      ServerContext context, Selected selected, Subscription asked, FeedFormat shape) {
    ServedTopic topic = selected.topic();
    SelectionCache.Selection selection = selected.selection();
    Optional<Cursor> committed =
        asked.getStart().hasCommitted()
            ? context
                .topics()
                .cursors()
                .find(topic.info(), asked.getName())
                .map(CursorStore.Committed::cursor)
            : Optional.empty();
    FeedStart start = FeedStart.resolve(topic, asked.getStart(), asked.getOnExpired(), committed);
    Until until = asked.getUntil();
    Start.AtCase at = asked.getStart().getAtCase();
    Mode mode = mode(asked);
    boolean all = selection == null;
    SelectedSensors sensors = all ? topic.allSensors() : selection.sensors();
    EventTimeRange times = times(asked.getEventTime());
    boolean reduced = !(mode instanceof Mode.Every);
    View view = null;
    if (reduced || shape == FeedFormat.COLUMNS && !(all && times.equals(EventTimeRange.ALL))) {
      view =
          context
              .views()
              .acquire(topic, SelectedSensors.key(asked.getSelector()), times, mode, () -> sensors);
    }
    return new FeedSpec(
        topic,
        sensors,
        selection,
        times,
        mode,
        view,
        shape,
        start.cursor(),
        start.lost(),
        asked.getSnapshot() && !reduced,
        at == Start.AtCase.LATEST || at == Start.AtCase.AT_NOT_SET,
        until.getNow() ? topic.heads() : List.of(),
        until.hasTime() ? TimeMessages.nanos(until.getTime()) : Long.MAX_VALUE,
        until.getCount() <= 0 ? Long.MAX_VALUE : until.getCount(),
        overflow(asked),
        nanos(asked.getMaxAge()),
        asked.getMaxMessageBytes());
  }

  /** Gives back what an order holds that no feed got. */
  public static void discard(ServerContext context, FeedSpec order) {
    if (order.view() != null) {
      context.views().release(order.view());
    }
    order.release();
  }

  private static EventTimeRange times(EventTime asked) {
    return new EventTimeRange(
        asked.hasFrom() ? TimeMessages.nanos(asked.getFrom()) : Long.MIN_VALUE,
        asked.hasUntil() ? TimeMessages.nanos(asked.getUntil()) : Long.MAX_VALUE);
  }

  private static Mode mode(Subscription asked) {
    return switch (asked.getMode()) {
      case MODE_ON_CHANGE ->
          new Mode.OnChange(
              asked.getOnChange().getDeadBand(), nanos(asked.getOnChange().getMaxSilence()));
      case MODE_SAMPLE -> new Mode.Sample(nanos(asked.getSample().getInterval()));
      case MODE_THRESHOLD ->
          new Mode.Threshold(
              asked.getThreshold().getLimit(),
              switch (asked.getThreshold().getDirection()) {
                case DIRECTION_RISING -> ThresholdDirection.RISING;
                case DIRECTION_FALLING -> ThresholdDirection.FALLING;
                default -> ThresholdDirection.BOTH;
              },
              asked.getThreshold().getHysteresis());
      default -> new Mode.Every();
    };
  }

  private static OverflowRule overflow(Subscription asked) {
    MaxLag lag = asked.getMaxLag();
    long readings = lag.getReadings() < 0 ? Long.MAX_VALUE : lag.getReadings();
    long nanos = lag.hasTime() ? nanos(lag.getTime()) : 0;
    return switch (asked.getOverflow()) {
      case OVERFLOW_CONFLATE -> new OverflowRule(OverflowRule.Policy.CONFLATE, readings, nanos);
      case OVERFLOW_DROP_OLDEST ->
          new OverflowRule(OverflowRule.Policy.DROP_OLDEST, readings, nanos);
      case OVERFLOW_END -> new OverflowRule(OverflowRule.Policy.END, readings, nanos);
      default -> OverflowRule.CATCH_UP;
    };
  }

  private static long nanos(Duration duration) {
    return duration.getSeconds() >= Long.MAX_VALUE / NANOS_PER_SECOND / 2
        ? Long.MAX_VALUE / 2
        : duration.getSeconds() * NANOS_PER_SECOND + duration.getNanos();
  }

  /** The settings in force for a subscription. */
  public static Subscription effective(Subscription asked) {
    Subscription.Builder effective = asked.toBuilder();
    if (asked.getOnExpiredValue() == 0) {
      effective.setOnExpired(OnExpired.ON_EXPIRED_FAIL);
    }
    if (asked.getModeValue() == 0) {
      effective.setMode(dev.weir.v1.Mode.MODE_EVERY);
    }
    if (asked.getOverflowValue() == 0) {
      effective.setOverflow(dev.weir.v1.Overflow.OVERFLOW_CATCH_UP);
    }
    if (asked.getFormat() != Format.FORMAT_COLUMNS) {
      effective.setFormat(Format.FORMAT_ROWS);
    }
    if (asked.getStart().getAtCase() == Start.AtCase.AT_NOT_SET) {
      effective.getStartBuilder().setLatest(true);
    }
    if (asked.getMode() == dev.weir.v1.Mode.MODE_THRESHOLD
        && asked.getThreshold().getDirectionValue() == 0) {
      effective.getThresholdBuilder().setDirection(dev.weir.v1.Direction.DIRECTION_BOTH);
    }
    return effective.build();
  }

  /** Returns the encoding of a subscription's readings. */
  public static FeedFormat shape(Format format) {
    return format == Format.FORMAT_COLUMNS ? FeedFormat.COLUMNS : FeedFormat.ROWS;
  }

  /** The credit a subscription begins with; absent means none is needed. */
  public static SubscriptionCredit credit(Subscription asked) {
    SubscriptionCredit credit = new SubscriptionCredit(0, 0);
    if (asked.hasCredit()) {
      grant(credit, asked.getCredit());
      return credit;
    }
    return SubscriptionCredit.unlimited();
  }

  /** Raises credit by a grant. */
  public static void grant(SubscriptionCredit credit, dev.weir.v1.Credit granted) {
    credit.grant(
        SubscriptionCredit.total(granted.hasReadings(), granted.getReadings()),
        SubscriptionCredit.total(granted.hasBytes(), granted.getBytes()));
  }

  /** A problem for the one asked about a subscription that cannot be served. */
  private static Fault faultOf(Throwable failed) {
    Throwable cause = failed instanceof CompletionException ? failed.getCause() : failed;
    return cause instanceof FaultException refused
        ? refused.fault()
        : Fault.of(ErrorCode.INTERNAL, "The subscription could not be started: " + cause);
  }
}
