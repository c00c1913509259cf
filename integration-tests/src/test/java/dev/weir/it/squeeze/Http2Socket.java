package dev.weir.it.squeeze;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * An HTTP/2 connection that keeps the protocol's rules and nothing else: it sends as the server's
 * windows allow, and reads as it was made to. Thread-safe: a thread of its own reads, if any does.
 */
final class Http2Socket implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GO_AWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;

  private static final int ACK = 1;
  private static final int HEADER_TABLE_SIZE = 1;
  private static final int INITIAL_WINDOW_SIZE = 4;
  private static final int FIRST_WINDOW = 65_535;
  private static final int FRAME_BYTES_MAX = 16_384;
  private static final int GRPC_HEADER_BYTES = 5;
  private static final int CANCEL = 8;
  private static final int CONNECTION_WINDOW = 1 << 30;
  private static final int SMALL_MESSAGE_BYTES = 4_096;
  private static final int CONNECT_MILLIS = 5_000;
  private static final int STOPPED_RECEIVE_BYTES = 16_384;
  private static final long SLOW_NANOS = 100_000_000;
  private static final long SETTINGS_MILLIS = 5_000;

  /** The part of the server's output that is read. */
  enum Reads {
    /** All, at once. */
    ALL,
    /** A frame ten times a second. */
    SLOWLY,
    /** All but answers: the window of each call is 0. */
    CONTROL,
    /** Nothing, ever. */
    NOTHING
  }

  /** Gets each frame on the reading thread. The payload is only valid during the call. */
  interface Listener {
    void onFrame(int type, int flags, int stream, byte[] payload, int length);
  }

  private final Socket socket = new Socket();
  private final Reads reads;
  private final Listener listener;
  private final Object windows = new Object();
  private final Map<Integer, Integer> streamWindows = new HashMap<>(); // guarded by windows
  private int streamWindow = FIRST_WINDOW; // guarded by windows
  private int connectionWindow = FIRST_WINDOW; // guarded by windows
  private boolean settled; // guarded by windows
  private int nextStream = 1; // guarded by this
  private volatile boolean over;

  Http2Socket(int port, Reads reads, Listener listener) throws IOException {
    this.reads = reads;
    this.listener = listener;
    if (reads == Reads.NOTHING || reads == Reads.SLOWLY) {
      socket.setReceiveBufferSize(STOPPED_RECEIVE_BYTES);
    }
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
    socket.setTcpNoDelay(true);
    write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    ByteBuffer settings = ByteBuffer.allocate(12);
    settings.putShort((short) HEADER_TABLE_SIZE).putInt(0);
    settings.putShort((short) INITIAL_WINDOW_SIZE);
    settings.putInt(reads == Reads.CONTROL ? 0 : Integer.MAX_VALUE);
    frame(SETTINGS, 0, 0, settings.array());
    grant(CONNECTION_WINDOW);
    if (reads != Reads.NOTHING) {
      Thread reader = new Thread(this::read, "http2-reader");
      reader.setDaemon(true);
      reader.start();
      awaitSettings();
    }
  }

  private void awaitSettings() throws IOException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SETTINGS_MILLIS);
    synchronized (windows) {
      while (!settled && !over && System.nanoTime() - end < 0) {
        pause(SETTINGS_MILLIS);
      }
      if (!settled) {
        close();
        throw new IOException("the server does not begin");
      }
    }
  }

  @SuppressWarnings("WaitNotInLoop") // its callers are loops
  private void pause(long millis) throws IOException {
    try {
      windows.wait(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private void grant(int bytes) throws IOException {
    frame(WINDOW_UPDATE, 0, 0, ByteBuffer.allocate(4).putInt(bytes).array());
  }

  private synchronized void write(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  void frame(int type, int flags, int stream, byte... payload) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(9 + payload.length);
    bytes.put((byte) (payload.length >> 16)).putShort((short) payload.length);
    bytes.put((byte) type).put((byte) flags).putInt(stream).put(payload);
    write(bytes.array());
  }

  /** Begins a call of a method such as {@code SubscribeService/Tail}; gives its number. */
  int call(String method) throws IOException {
    return call(method, "");
  }

  /**
   * Begins a call.
   *
   * @param timeout as gRPC writes it, such as 200m; empty for none
   */
  int call(String method, String timeout) throws IOException {
    byte[] block = headers(method, timeout);
    synchronized (this) {
      int stream = nextStream;
      nextStream += 2;
      frame(HEADERS, END_HEADERS, stream, block);
      return stream;
    }
  }

  /** The headers of a call: literal fields without indexing, RFC 7541 section 6.2.2. */
  static byte[] headers(String method, String timeout) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    header(block, ":method", "POST");
    header(block, ":scheme", "http");
    header(block, ":path", (method.startsWith("grpc.") ? "/" : "/weir.v1.") + method);
    header(block, ":authority", "localhost");
    header(block, "te", "trailers");
    header(block, "content-type", "application/grpc");
    if (!timeout.isEmpty()) {
      header(block, "grpc-timeout", timeout);
    }
    return block.toByteArray();
  }

  private static void header(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    block.write(name.length());
    block.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
    block.write(value.length());
    block.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
  }

  /** Sends a message of a call, as far as the server's windows let it before a time. */
  void message(int stream, byte[] message, boolean last, long endNanos) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(GRPC_HEADER_BYTES + message.length);
    bytes.put((byte) 0).putInt(message.length).put(message).flip();
    boolean small = bytes.remaining() <= SMALL_MESSAGE_BYTES;
    while (bytes.hasRemaining()) {
      int length = takeWindow(small ? 0 : stream, bytes.remaining(), endNanos);
      byte[] part = new byte[length];
      bytes.get(part);
      frame(DATA, last && !bytes.hasRemaining() ? END_STREAM : 0, stream, part);
    }
  }

  /** Waits for room; the window of the stream counts for large messages only. */
  private int takeWindow(int stream, int wanted, long endNanos) throws IOException {
    synchronized (windows) {
      while (true) {
        int open =
            stream == 0
                ? connectionWindow
                : Math.min(
                    connectionWindow,
                    streamWindows.computeIfAbsent(stream, s -> streamWindow - SMALL_MESSAGE_BYTES));
        if (open > 0) {
          int length = Math.min(Math.min(open, wanted), FRAME_BYTES_MAX);
          connectionWindow -= length;
          streamWindows.computeIfPresent(stream, (s, left) -> left - length);
          return length;
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime());
        if (over || millis <= 0 || reads == Reads.NOTHING) {
          throw new IOException("the server gives no room");
        }
        pause(millis);
      }
    }
  }

  /** Cancels a call. */
  void cancel(int stream) throws IOException {
    frame(RST_STREAM, 0, stream, ByteBuffer.allocate(4).putInt(CANCEL).array());
    forget(stream);
  }

  private void forget(int stream) {
    synchronized (windows) {
      streamWindows.remove(stream);
    }
  }

  /** Returns whether the connection is closed. */
  boolean isOver() {
    return over;
  }

  private void read() {
    byte[] payload = new byte[FRAME_BYTES_MAX];
    long ungranted = 0;
    try {
      DataInputStream in =
          new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
      while (true) {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        in.readFully(payload, 0, length);
        obey(type, flags, stream, payload, length);
        listener.onFrame(type, flags, stream, payload, length);
        ungranted += type == DATA ? length : 0;
        if (ungranted > CONNECTION_WINDOW / 2) {
          grant((int) ungranted);
          ungranted = 0;
        }
        if (reads == Reads.SLOWLY) {
          LockSupport.parkNanos(SLOW_NANOS);
        }
      }
    } catch (IOException closed) {
      close();
    }
  }

  private void obey(int type, int flags, int stream, byte[] payload, int length)
      throws IOException {
    if (type == PING && flags == 0) {
      frame(PING, ACK, 0, ByteBuffer.allocate(length).put(payload, 0, length).array());
    } else if (type == SETTINGS && (flags & ACK) == 0) {
      settings(ByteBuffer.wrap(payload, 0, length));
      frame(SETTINGS, ACK, 0);
    } else if (type == WINDOW_UPDATE) {
      int more = ByteBuffer.wrap(payload).getInt();
      synchronized (windows) {
        if (stream == 0) {
          connectionWindow += more;
        } else {
          streamWindows.computeIfPresent(stream, (s, left) -> left + more);
        }
        windows.notifyAll();
      }
    } else if (endsStream(type, flags)) {
      forget(stream);
    }
  }

  private void settings(ByteBuffer settings) {
    synchronized (windows) {
      while (settings.remaining() >= 6) {
        int id = settings.getShort();
        int value = settings.getInt();
        streamWindow = id == INITIAL_WINDOW_SIZE ? value : streamWindow;
      }
      settled = true;
      windows.notifyAll();
    }
  }

  /** Returns whether a frame is the last of its call. */
  static boolean endsStream(int type, int flags) {
    return type == RST_STREAM || ((type == DATA || type == HEADERS) && (flags & END_STREAM) != 0);
  }

  @Override
  public void close() {
    over = true;
    try {
      socket.close();
    } catch (IOException e) {
      // It is closed.
    }
    synchronized (windows) {
      windows.notifyAll();
    }
  }
}
