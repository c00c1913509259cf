package dev.weir.service.session;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.weir.service.admission.Budget;
import dev.weir.service.config.Limit;
import dev.weir.service.core.Loop;
import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.wire.Frame;
import dev.weir.service.wire.UnknownFields;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call of a method that takes one request and gives one answer, for as long as somebody waits
 * for it and it may take. Owned by the event loop; the control pool parses and runs the method.
 *
 * @param <Q> requests
 */
@OwnedBy("event loop")
public final class UnaryCall<Q extends Message> implements Session {
  private static final Logger logger = LoggerFactory.getLogger(UnaryCall.class);

  private final Desk desk;
  private final Loop loop;
  private final Outbound out;
  private final Parser<Q> parser;
  private final Function<Q, ? extends CompletableFuture<? extends MessageLite>> method;
  private final TimeBound bound = new TimeBound();
  private final CompletableFuture<Void> over = new CompletableFuture<>();

  /** Null before it came, and when nobody waits any more: a task in the queue must not hold it. */
  private volatile Slice request;

  private boolean asked;
  private boolean closed;
  private int heldBytes;

  /**
   * Starts a call; its request follows. Event loop only.
   *
   * @param method runs on the control pool and waits for nothing; its answer may come later, from
   *     any thread, and is cancelled when nobody waits any more. It may throw a FaultException.
   */
  public UnaryCall(
      Desk desk,
      Loop loop,
      Outbound out,
      Parser<Q> parser,
      Function<Q, ? extends CompletableFuture<? extends MessageLite>> method) {
    this.desk = desk;
    this.loop = loop;
    this.out = out;
    this.parser = parser;
    this.method = method;
    out.request(2); // the request, and the half-close behind it
  }

  @Override
  public void onMessage(Slice message) {
    if (closed) {
      return;
    }
    Budget budget = desk.admission().requests();
    if (asked) {
      end(Fault.of(ErrorCode.INVALID_ARGUMENT, "the call takes one request"));
    } else if (budget.lacks(message.length())) {
      end(desk.overloaded("memory for requests is used up (request_budget_bytes)"));
    } else {
      asked = true;
      heldBytes = message.length();
      budget.take(heldBytes);
      request = message;
      long millisMax = desk.limits().get(Limit.CALL_DEADLINE_MS_MAX);
      bound.begin(loop, millisMax, () -> end(TimeBound.late(millisMax)));
      desk.control().offer(this::run).ifPresent(this::end);
    }
  }

  // ---- on the control pool

  private void run() {
    Slice message = request;
    if (message == null) {
      return; // its deadline passed in the queue
    }
    CompletableFuture<? extends MessageLite> made = made(message);
    over.whenComplete((none, never) -> made.cancel(false));
    made.whenComplete(
        (response, failed) -> {
          if (failed == null) {
            Frame answer = Frame.of(response);
            loop.post(() -> answer(answer));
          } else if (!(failed instanceof CancellationException)) {
            Fault fault = fault(failed);
            loop.post(() -> end(fault));
          }
        });
  }

  private CompletableFuture<? extends MessageLite> made(Slice message) {
    try {
      Q parsed = parser.parseFrom(message.array(), message.offset(), message.length());
      UnknownFields.fault(parsed)
          .ifPresent(
              fault -> {
                throw fault.exception();
              });
      return method.apply(parsed);
    } catch (InvalidProtocolBufferException malformed) {
      Fault fault =
          Fault.of(
              ErrorCode.INVALID_ARGUMENT,
              "the request is not what the method takes: " + malformed.getMessage());
      return CompletableFuture.failedFuture(fault.exception());
    } catch (RuntimeException failed) {
      return CompletableFuture.failedFuture(failed);
    }
  }

  private static Fault fault(Throwable failed) {
    Throwable cause = failed instanceof CompletionException ? failed.getCause() : failed;
    if (cause instanceof FaultException refused) {
      return refused.fault();
    }
    logger.error("a unary call failed", cause);
    return Fault.of(ErrorCode.INTERNAL, "a defect of the server; see its log");
  }

  // ---- on the event loop

  private void answer(Frame answer) {
    Optional<Fault> full = desk.answersFull(answer.length());
    if (full.isPresent()) {
      end(full.get());
    } else if (!closed) {
      close();
      out.send(answer);
      out.finish();
    }
  }

  @Override
  public void onReady() {
    // one message only
  }

  @Override
  public void onHalfClosed() {
    if (!asked) {
      end(Fault.of(ErrorCode.INVALID_ARGUMENT, "the call had no request"));
    }
  }

  @Override
  public void end(Fault fault) {
    if (!closed) {
      close();
      out.fail(fault);
    }
  }

  /** What was asked is answered, if that does not take long. */
  @Override
  public void settle(Fault fault) {
    if (!asked) {
      end(fault);
    }
  }

  @Override
  public void onClosed() {
    close();
  }

  private void close() {
    closed = true;
    bound.end();
    request = null;
    over.complete(null);
    desk.admission().requests().giveBack(heldBytes);
    heldBytes = 0;
  }
}
