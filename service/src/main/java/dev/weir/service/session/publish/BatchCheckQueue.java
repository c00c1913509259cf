package dev.weir.service.session.publish;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.core.fair.Caller;
import dev.weir.service.core.fair.SlicedTask;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.CallInfo;
import dev.weir.service.session.ControlPool;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * Checks a session's batches in arrival order: those that are checked already go on at once, the
 * others pass the control pool, while those behind them wait here. The session's window bounds it.
 * Owned by the event loop.
 *
 * @param <A> a batch as it arrived
 * @param <C> what it is once it is checked
 */
@OwnedBy("event loop")
final class BatchCheckQueue<A, C> {
  private record Waiting<A, C>(A arrival, Optional<C> checked) {}

  /**
   * The functions that check a batch.
   *
   * @param bytes of the message that has it
   * @param run checks any batch; runs on the control pool
   * @param refused the result for a batch that the control pool does not take
   */
  record Check<A, C>(ToIntFunction<A> bytes, Function<A, C> run, BiFunction<A, Fault, C> refused) {}

  private final Loop loop;
  private final ControlPool control;
  private final PublishWindow window;
  private final Check<A, C> check;
  private final BiConsumer<A, C> next;
  private final Queue<Waiting<A, C>> waiting = new ArrayDeque<>();
  private final Caller caller;
  private boolean checking;

  /** Written by the loop; the control pool looks before it works for nobody. */
  private volatile boolean closed;

  /**
   * @param facts whose batches they are
   * @param window holds the messages of the batches
   * @param next gets each batch, in arrival order
   */
  BatchCheckQueue(
      Loop loop,
      ControlPool control,
      CallInfo facts,
      PublishWindow window,
      Check<A, C> check,
      BiConsumer<A, C> next) {
    this.loop = loop;
    this.control = control;
    this.caller = facts.caller(() -> !closed);
    this.window = window;
    this.check = check;
    this.next = next;
  }

  /** Takes a batch that is to be checked. */
  void take(A arrival) {
    waiting.add(new Waiting<>(arrival, Optional.empty()));
    goOn();
  }

  /** Takes a batch that is checked. */
  void take(A arrival, C checked) {
    if (checking || !waiting.isEmpty()) { // one may come while others go on
      waiting.add(new Waiting<>(arrival, Optional.of(checked)));
    } else {
      next.accept(arrival, checked);
    }
  }

  private void goOn() {
    while (!checking && !waiting.isEmpty()) {
      Waiting<A, C> first = waiting.remove();
      if (first.checked().isPresent()) {
        next.accept(first.arrival(), first.checked().get());
      } else {
        check(first.arrival());
      }
    }
  }

  private void check(A arrival) {
    checking = true;
    Optional<Fault> full = control.offer(caller, new Checking(arrival));
    if (full.isPresent()) {
      checking = false;
      next.accept(arrival, check.refused().apply(arrival, full.get()));
    } else {
      window.lend(check.bytes().applyAsInt(arrival), 0); // what it posts comes behind this
    }
  }

  private final class Checking implements SlicedTask {
    private final A arrival;

    Checking(A arrival) {
      this.arrival = arrival;
    }

    @Override
    public boolean step() {
      checkAndPost(arrival);
      return false;
    }

    @Override
    public boolean isLengthy() {
      return ControlPool.isLengthy(check.bytes().applyAsInt(arrival));
    }

    @Override
    public void dropped() {
      loop.post(() -> checked(arrival, null));
    }
  }

  /** Runs on the control pool. */
  private void checkAndPost(A arrival) {
    C checked = null;
    try {
      checked = check.run().apply(arrival);
    } catch (RuntimeException defect) {
      checked = check.refused().apply(arrival, ControlPool.faultOf(defect));
    } finally {
      C known = checked; // null where there was no memory for it
      loop.post(() -> checked(arrival, known)); // else all behind it would wait for ever
    }
  }

  private void checked(A arrival, C known) {
    checking = false;
    window.takeBack(check.bytes().applyAsInt(arrival), 0);
    if (!closed) {
      next.accept(arrival, known == null ? check.refused().apply(arrival, noMemory()) : known);
      goOn();
    }
  }

  private Fault noMemory() {
    return Fault.of(
            ErrorCode.OVERLOADED,
            "The server's heap had no room left to check the batch, although publish_budget_bytes"
                + " permits it. Retry later, or ask the operator for a larger heap (-Xmx).")
        .retryAfter(control.retryDelay());
  }

  /** Drops what waits. */
  void close() {
    closed = true;
    waiting.clear();
  }
}
