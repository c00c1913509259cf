package dev.weir.client.internal.connection;

import dev.weir.client.WeirException;
import dev.weir.client.internal.errors.ErrorTranslator;
import dev.weir.client.internal.threads.ClientLoop;
import dev.weir.common.OwnedBy;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One live streaming call. Owned by the loop; callbacks arrive on the loop too, in order, and stop
 * with {@link Events#onClosed}.
 *
 * @param <T> what is received
 */
@OwnedBy("loop")
public final class StreamingCall<T> {
  private static final int READY_THRESHOLD_BYTES = 1;

  private final ClientCall<EncodedMessage, T> call;
  private final ClientLoop loop;
  private final Events<T> events;
  private final AtomicInteger posted = new AtomicInteger();

  /** Messages that may still come. */
  private final AtomicInteger expected = new AtomicInteger();

  private boolean closed;
  private boolean halfClosed;
  private ClientLoop.Timer retirement;
  private volatile boolean retired; // written by the loop, read by gRPC's threads

  /** A call that is not started yet. */
  public StreamingCall(
      Channel channel,
      MethodDescriptor<EncodedMessage, T> method,
      ClientLoop loop,
      Events<T> events) {
    CallOptions options = CallOptions.DEFAULT.withOnReadyThreshold(READY_THRESHOLD_BYTES);
    this.call = channel.newCall(method, options);
    this.loop = loop;
    this.events = events;
  }

  /** Handles what happens to a link, on the loop. */
  public interface Events<T> {
    /** A message arrived. */
    void onMessage(StreamingCall<T> link, T message);

    /** Everything sent has left; more may be sent. */
    void onReady(StreamingCall<T> link);

    /** The call is over; the last callback. The cause is null where it ended with OK. */
    void onClosed(StreamingCall<T> link, WeirException cause);
  }

  /** Begins the call and lets so many messages come. */
  public void start(int messages) {
    // A channel that is broken ends the call at once; its owner hears of it when this has returned.
    posted.incrementAndGet();
    call.start(new Listener(), new Metadata());
    request(messages);
    posted.decrementAndGet();
  }

  /** Returns whether everything sent before has left this process. */
  public boolean isReady() {
    return !closed && call.isReady();
  }

  /** Sends a message. */
  public void send(EncodedMessage message) {
    if (!closed && !halfClosed) {
      call.sendMessage(message);
    }
  }

  /** Lets more messages come. Thread-safe, unlike the rest. */
  public void request(int messages) {
    expected.addAndGet(messages);
    call.request(messages);
  }

  /** Returns whether a message that the server sent would be taken now. */
  public boolean isListening() {
    return expected.get() > 0;
  }

  /** No more messages are sent. */
  public void halfClose() {
    if (!closed && !halfClosed) {
      halfClosed = true;
      call.halfClose();
    }
  }

  /**
   * Leaves the call to end by itself, without a further callback: nothing is sent any more, what
   * still comes is dropped, and only a server that does not end it in time sees it broken off. Many
   * calls that are broken off at once would cost them their connection.
   */
  public void retire(long patienceNanos) {
    if (closed) {
      return;
    }
    halfClose();
    closed = true;
    retired = true;
    retirement = loop.schedule(() -> call.cancel("left", null), patienceNanos);
    call.request(1); // after what was to come, so that the end can
  }

  /** Breaks the call off without a further callback. */
  public void abandon(String why) {
    if (!closed) {
      closed = true;
      call.cancel(why, null);
    }
  }

  private void post(Runnable callback) {
    // Directly where that keeps the order: over Netty nearly always.
    if (loop.inLoop() && posted.get() == 0) {
      callback.run();
      return;
    }
    posted.incrementAndGet();
    loop.execute(
        () -> {
          posted.decrementAndGet();
          callback.run();
        });
  }

  /** Brings gRPC's callbacks to the loop. Thread-safe. */
  private final class Listener extends ClientCall.Listener<T> {
    @Override
    public void onMessage(T message) {
      expected.decrementAndGet();
      if (retired) {
        call.request(1);
        return;
      }
      post(
          () -> {
            if (!closed) {
              events.onMessage(StreamingCall.this, message);
            }
          });
    }

    @Override
    public void onReady() {
      post(
          () -> {
            if (!closed) {
              events.onReady(StreamingCall.this);
            }
          });
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      post(
          () -> {
            if (retirement != null) {
              retirement.cancel();
            }
            if (!closed) {
              closed = true;
              events.onClosed(
                  StreamingCall.this, status.isOk() ? null : ErrorTranslator.of(status, trailers));
            }
          });
    }
  }
}
