package dev.weir.service.session;

import dev.weir.service.core.Loop;
import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.Payload;
import dev.weir.service.wire.Bad;
import dev.weir.service.wire.Checked;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Function;

/**
 * Checks a session's batches in arrival order: canonical ones at once, the others on the control
 * pool, while those behind them wait here. The session's window bounds it. Owned by the event loop.
 */
@OwnedBy("event loop")
final class BatchLane {
  /** Where a batch goes once it is checked. */
  @FunctionalInterface
  interface Next {
    /** The next batch in arrival order. */
    void submit(Arrival arrival, Payload payload);
  }

  /**
   * A batch as it arrived.
   *
   * @param partition it is checked against
   * @param sequence its sequence
   * @param batch its bytes
   * @param messageBytes of the message it came in
   */
  record Arrival(int partition, long sequence, Slice batch, int messageBytes) {}

  private record Waiting(Arrival arrival, Payload payload) {}

  private final Loop loop;
  private final Control control;
  private final Function<Arrival, Payload> recode;
  private final Next next;
  private final Queue<Waiting> waiting = new ArrayDeque<>();
  private boolean recoding;

  /**
   * @param recode checks and re-encodes any batch; runs on the control pool
   */
  BatchLane(Loop loop, Control control, Function<Arrival, Payload> recode, Next next) {
    this.loop = loop;
    this.control = control;
    this.recode = recode;
    this.next = next;
  }

  /** Takes a batch with what is known of its bytes; Recode where that is still to be found. */
  void take(Arrival arrival, Checked checked) {
    Payload payload = null;
    if (checked instanceof Checked.Canonical canonical) {
      payload = Payloads.encoded(arrival, canonical);
    } else if (checked instanceof Bad bad) {
      payload = new Payload.Refused(bad);
    }
    if (payload != null && !recoding) {
      next.submit(arrival, payload);
      return;
    }
    waiting.add(new Waiting(arrival, payload));
    goOn();
  }

  private void goOn() {
    while (!recoding && !waiting.isEmpty()) {
      Waiting first = waiting.remove();
      if (first.payload() != null) {
        next.submit(first.arrival(), first.payload());
      } else {
        recode(first.arrival());
      }
    }
  }

  private void recode(Arrival arrival) {
    recoding = true;
    Optional<Fault> refused =
        control.offer(
            () -> {
              Payload payload = recode.apply(arrival);
              loop.post(() -> recoded(arrival, payload));
            });
    refused.ifPresent(fault -> recoded(arrival, new Payload.Refused(new Bad(fault, List.of()))));
  }

  private void recoded(Arrival arrival, Payload payload) {
    recoding = false;
    next.submit(arrival, payload);
    goOn();
  }
}
