package dev.weir.service.session;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.config.Limit;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.wire.protobuf.OutgoingMessage;

/**
 * A call that takes one request and gives one answer, for as long as somebody waits for it and it
 * may take. Owned by the event loop.
 */
@OwnedBy("event loop")
public abstract class SingleResponseCall implements SessionHandler {
  protected final ServerContext context;
  protected final Loop loop;
  protected final ResponseSender out;
  private final CallTimeout bound = new CallTimeout();
  private boolean asked;

  /** Written by the loop; others look before they work for nobody. */
  private volatile boolean closed;

  protected SingleResponseCall(ServerContext context, Loop loop, ResponseSender out) {
    this.context = context;
    this.loop = loop;
    this.out = out;
    out.request(2); // the request, and the half-close behind it
  }

  /** The request came, whatever becomes of it. */
  protected final void markAsked() {
    asked = true;
  }

  protected final boolean isAsked() {
    return asked;
  }

  /** Returns whether nobody waits any more. Any thread. */
  protected final boolean isClosed() {
    return closed;
  }

  /** From now on it takes only so long. */
  protected final void beginTime() {
    long millisMax = context.limits().get(Limit.CALL_DEADLINE_MS_MAX);
    bound.begin(loop, millisMax, () -> end(CallTimeout.late(millisMax)));
  }

  /** Gives the answer, and ends. */
  protected final void answer(OutgoingMessage answer) {
    close();
    out.send(answer);
    out.finish();
  }

  @Override
  public final void onReady() {
    // one message only
  }

  @Override
  public final void onHalfClosed() {
    if (!asked) {
      end(
          Fault.of(
              ErrorCode.INVALID_ARGUMENT,
              "The call had no request. Send one before the half-close."));
    }
  }

  @Override
  public final void end(Fault fault) {
    if (!closed) {
      close();
      out.fail(fault);
    }
  }

  /** Answers the request, if that does not take long. */
  @Override
  public final void settle(Fault fault) {
    if (!asked) {
      end(fault);
    }
  }

  @Override
  public final void onClosed() {
    close();
  }

  private void close() {
    closed = true;
    bound.end();
    onEnded();
  }

  /** It has ended, perhaps again. */
  protected void onEnded() {}
}
