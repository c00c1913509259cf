package dev.weir.it.proxy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;

/** One direction of a connection. Owned by the proxy's thread. */
final class ProxyDirection {
  private static final int CHUNK = 16 * 1_024;

  /** The treatment of the bytes. */
  enum Mode {
    PASS,
    HOLD,
    SWALLOW,
    DRIP
  }

  private final SocketChannel from;
  private final SocketChannel to;
  private final GrpcMessageParser parser;
  private final Consumer<byte[]> onPassed;
  private final ByteBuffer pending = ByteBuffer.allocate(CHUNK).flip();
  private final Queue<GrpcMessageParser.Message> notPassed = new ArrayDeque<>();
  private Mode mode = Mode.PASS;
  private long passed;
  private long stopAt = Long.MAX_VALUE;
  private long dripped;
  private boolean ended;

  /**
   * @param onPassed hears of each message that has left as a whole
   */
  ProxyDirection(
      SocketChannel from, SocketChannel to, GrpcMessageParser parser, Consumer<byte[]> onPassed) {
    this.from = from;
    this.to = to;
    this.parser = parser;
    this.onPassed = onPassed;
  }

  void mode(Mode newMode) {
    mode = newMode;
  }

  /** Passes nothing after so many bytes of the connection. */
  void stopAt(long bytes) {
    stopAt = Math.max(bytes, passed);
  }

  /** Returns whether it has passed all that it may. */
  boolean isStopped() {
    return passed == stopAt;
  }

  long dripped() {
    return dripped;
  }

  /** Returns whether its source has ended, and all before that is passed. */
  boolean isOver() {
    return ended && !pending.hasRemaining();
  }

  /** Reads what there is, if there is room; gives the messages that are complete now. */
  List<GrpcMessageParser.Message> read() throws IOException {
    if (mode == Mode.HOLD || pending.hasRemaining() || ended) {
      return List.of();
    }
    pending.clear();
    int count = from.read(pending);
    pending.flip();
    ended = count < 0;
    List<GrpcMessageParser.Message> complete =
        parser.onBytes(Arrays.copyOf(pending.array(), pending.limit()));
    notPassed.addAll(complete);
    return complete;
  }

  /** Passes what may be passed. */
  void write() throws IOException {
    if (mode == Mode.SWALLOW) {
      pending.position(pending.limit());
      notPassed.clear();
    } else if (mode != Mode.HOLD && pending.hasRemaining()) {
      long room = mode == Mode.DRIP ? 1 : stopAt - passed;
      int all = pending.limit();
      pending.limit((int) Math.min(all, pending.position() + Math.min(room, CHUNK)));
      int written = to.write(pending);
      pending.limit(all);
      passed += written;
      dripped += mode == Mode.DRIP ? written : 0;
    }
    while (!notPassed.isEmpty() && notPassed.element().end() <= passed) {
      onPassed.accept(notPassed.remove().bytes());
    }
  }

  boolean wantsToRead() {
    return mode != Mode.HOLD && !pending.hasRemaining() && !ended;
  }

  boolean wantsToWrite() {
    return mode == Mode.PASS && pending.hasRemaining() && !isStopped();
  }

  boolean drips() {
    return mode == Mode.DRIP;
  }

  /** Returns the operations that one of its sockets waits for because of it. */
  int interest(SocketChannel socket) {
    int interest = socket == from && wantsToRead() ? SelectionKey.OP_READ : 0;
    return socket == to && wantsToWrite() ? interest | SelectionKey.OP_WRITE : interest;
  }
}
