package dev.weir.service.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.TestLoop;
import dev.weir.service.wire.protobuf.OutgoingMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * The other side of a session's call, and the transport between. A waiting message is delivered
 * inside request(), as Netty does. Owned by one test.
 */
public final class TestPeer<T extends MessageLite> implements ResponseSender {
  private final TestLoop loop;
  private final Parser<T> parser;
  private final CallInfo facts;
  private final SessionHandler session;
  private final Queue<byte[]> unsent = new ArrayDeque<>();
  private boolean halfCloses;
  private boolean over;
  private boolean ready = true;
  private Runnable onSent = () -> {};

  /** Bytes of answers that wait for the loop, of this call and those that share its connection. */
  AtomicLong connection = new AtomicLong();

  /** The largest answer that is taken. */
  public int answerBytesMax = Integer.MAX_VALUE;

  /** Everything the session said. */
  public final List<T> got = new ArrayList<>();

  /** The arrays that the last message was written from: its header's, and those that are shared. */
  public final List<byte[]> parts = new ArrayList<>();

  /** Messages that may still be delivered, and the most there ever were. */
  public int requested;

  public int requestedMost;
  public boolean finished;
  public Fault failed;

  public TestPeer(
      TestServerContext context, Parser<T> parser, Function<TestPeer<T>, SessionHandler> start) {
    this.loop = context.loop;
    this.parser = parser;
    this.facts = new CallInfo("peer", context.context.epochNanos());
    SessionHandler[] started = new SessionHandler[1];
    loop.run(() -> started[0] = start.apply(this));
    this.session = started[0];
  }

  // ---- the session's side

  @Override
  public boolean ready() {
    return ready && !ended();
  }

  @Override
  public boolean peerReading() {
    return ready();
  }

  @Override
  public CallInfo facts() {
    return facts;
  }

  @Override
  public void send(OutgoingMessage message) {
    assertThat(ended()).as("sent behind the end").isFalse();
    parts.clear();
    var bytes =
        new ByteArrayOutputStream() {
          @Override
          public synchronized void write(byte[] array, int offset, int length) {
            parts.add(array);
            super.write(array, offset, length);
          }
        };
    try {
      message.writeTo(bytes);
      got.add(parser.parseFrom(bytes.toByteArray()));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    facts.sent();
    onSent.run();
  }

  @Override
  public long queueAnswer(int bytes) {
    return connection.addAndGet(bytes);
  }

  @Override
  public void dequeueAnswer(int bytes) {
    connection.addAndGet(-bytes);
  }

  @Override
  public boolean hasRoom(int bytes) {
    return bytes <= answerBytesMax;
  }

  @Override
  public Optional<Fault> full(int bytes) {
    return hasRoom(bytes)
        ? Optional.empty()
        : Optional.of(Fault.of(ErrorCode.OVERLOADED, "others were not read"));
  }

  @Override
  public void request(int messages) {
    assertThat(messages).isPositive();
    requested += messages;
    requestedMost = Math.max(requestedMost, requested);
    deliver();
  }

  @Override
  public void finish() {
    assertThat(ended()).as("ended twice").isFalse();
    finished = true;
  }

  @Override
  public void fail(Fault fault) {
    assertThat(ended()).as("ended twice").isFalse();
    failed = fault;
  }

  public boolean ended() {
    return finished || failed != null;
  }

  // ---- the client's side

  /** Sends a message, once the session asks for it. */
  public TestPeer<T> send(MessageLite message) {
    return send(message.toByteArray());
  }

  /** The same of bytes that may be no message. */
  public TestPeer<T> send(byte[] message) {
    unsent.add(message);
    loop.run(this::deliver);
    return this;
  }

  public TestPeer<T> halfClose() {
    halfCloses = true;
    loop.run(this::deliver);
    return this;
  }

  private void deliver() {
    while (session != null && !over && requested > 0 && !unsent.isEmpty()) {
      requested--;
      facts.received();
      session.onMessage(Slice.of(unsent.remove()));
    }
    if (session != null && halfCloses && unsent.isEmpty() && !over) {
      halfCloses = false;
      session.onHalfClosed();
    }
  }

  /** Messages the session has not asked for. */
  public int unsent() {
    return unsent.size();
  }

  /** Does something after each message of the session. */
  public void onSent(Runnable task) {
    onSent = task;
  }

  /** Takes nothing more, or everything again. */
  public void ready(boolean takes) {
    boolean again = takes && !ready;
    ready = takes;
    if (again && !over) {
      loop.run(session::onReady);
    }
  }

  /** The call is over. */
  public void close() {
    over = true;
    loop.run(session::onClosed);
  }

  public void end(Fault fault) {
    loop.run(() -> session.end(fault));
  }

  public T last() {
    return got.get(got.size() - 1);
  }

  public ErrorCode failure() {
    return failed == null ? null : failed.code();
  }

  public SessionHandler session() {
    return session;
  }
}
