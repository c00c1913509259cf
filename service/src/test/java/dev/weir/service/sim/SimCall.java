package dev.weir.service.sim;

import com.google.protobuf.MessageLite;
import dev.weir.common.Loop;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.CallInfo;
import dev.weir.service.session.ResponseSender;
import dev.weir.service.session.ServerContext;
import dev.weir.service.session.SessionHandler;
import dev.weir.service.wire.protobuf.OutgoingMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * One streaming call and the network it goes through: messages arrive later, in order, or never.
 * Owned by one world.
 */
final class SimCall implements ResponseSender {
  /** Makes the server's side of a call. */
  interface Start {
    SessionHandler start(ServerContext context, Loop loop, ResponseSender out);
  }

  /** The client's side of a call. */
  interface Client {
    void onMessage(byte[] message);

    /** The call is over; {@code fault} is null where it ended well, or nobody said why. */
    void onEnd(Fault fault);
  }

  private static final long LATENCY_NANOS_MAX = 400_000;

  private final VirtualSchedule schedule;
  private final Loop loop;
  private final Client client;
  private final CallInfo facts;
  private final TaskQueue up;
  private final TaskQueue down;
  private final Queue<byte[]> arrived = new ArrayDeque<>();
  private final Consumer<String> defect;
  private SessionHandler session;
  private int requested;
  private int unsent;
  private boolean ended; // by the server
  private boolean closed; // the session has heard that it is over
  private boolean cut; // the client hears nothing any more

  SimCall(
      VirtualSchedule schedule,
      SimServer server,
      Client client,
      Start start,
      Consumer<String> defect) {
    this.schedule = schedule;
    this.client = client;
    this.defect = defect;
    this.loop = server.loop();
    ServerContext context = server.context();
    server.begun(this);
    this.facts = new CallInfo("sim", context.epochNanos());
    this.up = schedule.line("up", 1);
    this.down = schedule.line("down", 1);
    up.execute(() -> loop.post(() -> begin(start, context)));
  }

  private void begin(Start start, ServerContext context) {
    session = start.start(context, loop, this);
    deliver();
  }

  // ---- the client's side

  /** Sends a message; it arrives later. */
  void send(MessageLite message) {
    byte[] bytes = message.toByteArray();
    later(
        up,
        () ->
            loop.post(
                () -> {
                  arrived.add(bytes);
                  deliver();
                }));
  }

  private void later(TaskQueue line, Runnable task) {
    if (!cut) {
      line.execute(task);
      line.hold(schedule.nowNanos() + (long) (schedule.random.nextDouble() * LATENCY_NANOS_MAX));
    }
  }

  /** Takes nothing for a while. */
  void stall(long nanos) {
    down.hold(schedule.nowNanos() + nanos);
  }

  /** The connection is gone; the server hears of it after a while, the client at once. */
  void cut(long heardAfterNanos) {
    if (!cut) {
      leave();
      loop.schedule(heardAfterNanos, this::over);
      client.onEnd(null);
    }
  }

  /** The server's process is gone; the client hears of it. */
  void lost() {
    if (!cut) {
      leave();
      client.onEnd(null);
    }
  }

  private void leave() {
    cut = true;
    schedule.drop(up);
    schedule.drop(down);
  }

  boolean isOver() {
    return cut;
  }

  /** The server ends it in order. */
  void end(Fault fault) {
    loop.post(
        () -> {
          if (session != null && !closed) {
            session.end(fault);
          }
        });
  }

  // ---- the server's side

  private void deliver() {
    while (session != null && !ended && !closed && requested > 0 && !arrived.isEmpty()) {
      requested--;
      facts.received();
      session.onMessage(Slice.of(arrived.remove()));
    }
  }

  /** The server hears that it is over. */
  void hangUp() {
    loop.post(this::over);
  }

  private void over() {
    if (!closed) {
      closed = true;
      if (session != null) {
        session.onClosed();
      }
    }
  }

  @Override
  public boolean ready() {
    return unsent == 0 && !ended && !closed;
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
    if (ended) {
      defect.accept("a session said something behind its end");
    }
    byte[] bytes = bytes(message);
    facts.sent();
    unsent++;
    later(
        down,
        () -> {
          client.onMessage(bytes);
          loop.post(this::sent);
        });
  }

  private static byte[] bytes(OutgoingMessage message) {
    var bytes = new ByteArrayOutputStream(message.length());
    try {
      message.writeTo(bytes);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return bytes.toByteArray();
  }

  private void sent() {
    if (--unsent == 0 && !closed) {
      session.onReady();
    }
  }

  @Override
  public void request(int messages) {
    requested += messages;
    deliver(); // inside of it, as the transport does
  }

  @Override
  public void finish() {
    finished(null);
  }

  @Override
  public void fail(Fault fault) {
    finished(fault);
  }

  private void finished(Fault fault) {
    if (ended) {
      defect.accept("a session ended twice");
    }
    ended = true;
    later(
        down,
        () -> {
          leave();
          client.onEnd(fault);
        });
    loop.post(this::over);
  }
}
