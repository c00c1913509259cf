package dev.weir.service.session;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.core.Slice;
import dev.weir.service.core.TaskErrors;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fair.Caller;
import dev.weir.service.core.fair.SlicedTask;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.wire.check.MessageBytesCheck;
import dev.weir.service.wire.check.UnknownFieldCheck;
import dev.weir.service.wire.protobuf.OutgoingMessage;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call of a method that takes one request and gives one answer. Owned by the event loop; the
 * control pool parses and runs the method.
 *
 * @param <Q> requests
 */
@OwnedBy("event loop")
public final class UnaryCall<Q extends Message> extends SingleResponseCall {
  private static final Logger logger = LoggerFactory.getLogger(UnaryCall.class);

  private final Parser<Q> parser;
  private final Descriptor type;
  private final BiFunction<Caller, Q, ? extends CompletableFuture<? extends MessageLite>> method;
  private final Caller caller;
  private final AtomicReference<CompletableFuture<?>> underWay = new AtomicReference<>();

  /** Null before it came, and when nobody waits any more: a task in the queue must not hold it. */
  private volatile Slice request;

  private int heldBytes;

  /**
   * Starts a call; its request follows. Event loop only.
   *
   * @param method runs on the control pool and waits for nothing; is told for whom it works. Its
   *     answer may come later, from any thread, and is cancelled when nobody waits any more. It may
   *     throw a FaultException.
   */
  public UnaryCall(
      ServerContext context,
      Loop loop,
      ResponseSender out,
      Parser<Q> parser,
      BiFunction<Caller, Q, ? extends CompletableFuture<? extends MessageLite>> method) {
    super(context, loop, out);
    this.caller = out.facts().caller(() -> !isClosed());
    this.parser = parser;
    this.type = RequestParser.type(parser);
    this.method = method;
  }

  @Override
  public void onMessage(Slice message) {
    if (isClosed()) {
      return;
    }
    Budget budget = context.admission().requests();
    if (isAsked()) {
      end(
          Fault.of(
              ErrorCode.INVALID_ARGUMENT, "The call takes one request, and a second one came."));
    } else if (budget.lacks(message.length())) {
      end(context.noRoom(budget, message.length(), "memory for requests"));
    } else {
      markAsked();
      heldBytes = message.length();
      budget.take(heldBytes);
      request = message;
      beginTime();
      context.control().offer(caller, SlicedTask.once(this::run)).ifPresent(this::end);
    }
  }

  // ---- on the control pool

  private void run() {
    Slice message = request;
    if (message == null) {
      return; // its deadline passed in the queue
    }
    CompletableFuture<? extends MessageLite> made = made(message);
    underWay.set(made);
    if (isClosed()) {
      made.cancel(false);
    }
    made.whenComplete(
        (response, failed) -> {
          underWay.set(null); // an answer's objects take much more than its bytes
          if (failed == null) {
            hand(OutgoingMessage.of(response));
          } else if (!(failed instanceof CancellationException)) {
            TaskErrors.rethrow(failed, loop::post);
            Fault fault = faultOf(failed);
            loop.post(() -> end(fault));
          }
        });
  }

  /**
   * Answers that wait for a busy loop are memory too: beyond the budget each connection may have as
   * many as make a short one.
   */
  private void hand(OutgoingMessage answer) {
    int bytes = answer.length();
    Budget unsent = context.admission().unsent();
    Optional<Fault> full = context.answersFull(out.queueAnswer(bytes));
    if (full.isPresent()) {
      out.dequeueAnswer(bytes);
      loop.post(() -> end(full.get()));
      return;
    }
    unsent.take(bytes);
    loop.post(
        () -> {
          out.dequeueAnswer(bytes);
          give(answer);
          unsent.giveBack(bytes); // counted by the call from now on
        });
  }

  private CompletableFuture<? extends MessageLite> made(Slice message) {
    RequestParser.Admitted admitted = RequestParser.admit(context, type, message);
    if (admitted.refusal().isPresent()) {
      return CompletableFuture.failedFuture(admitted.refusal().get().exception());
    }
    var made = parsed(message);
    made.whenComplete((response, failed) -> admitted.release());
    return made;
  }

  private CompletableFuture<? extends MessageLite> parsed(Slice message) {
    try {
      Q parsed = parser.parseFrom(message.array(), message.offset(), message.length());
      UnknownFieldCheck.fault(parsed)
          .ifPresent(
              fault -> {
                throw fault.exception();
              });
      return method.apply(caller, parsed);
    } catch (InvalidProtocolBufferException malformed) {
      return CompletableFuture.failedFuture(MessageBytesCheck.malformed(type, message).exception());
    } catch (RuntimeException failed) {
      return CompletableFuture.failedFuture(failed);
    }
  }

  private Fault faultOf(Throwable failed) {
    Throwable cause = failed instanceof CompletionException ? failed.getCause() : failed;
    if (cause instanceof FaultException refused) {
      return refused.fault();
    }
    logger.error(
        "The answer to a {} of {} failed. This is a defect; report it with the stack.",
        type.getName(),
        out.facts().peer(),
        cause);
    return Fault.of(
        ErrorCode.INTERNAL,
        "A defect of the server ended the call. The server's log has the stack.");
  }

  // ---- on the event loop

  private void give(OutgoingMessage answer) {
    Optional<Fault> full = context.answersFull(answer.length()).or(() -> out.full(answer.length()));
    if (full.isPresent()) {
      end(full.get());
    } else if (!isClosed()) {
      answer(answer);
    }
  }

  @Override
  protected void onEnded() {
    request = null;
    CompletableFuture<?> made = underWay.getAndSet(null);
    if (made != null) {
      made.cancel(false);
    }
    context.admission().requests().giveBack(heldBytes);
    heldBytes = 0;
  }
}
