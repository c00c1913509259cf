package dev.weir.it.abuse;

import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An HTTP/2 client that sends exactly what a test wants, byte for byte. Thread-safe: a thread of
 * its own reads.
 */
final class RawPeer implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GO_AWAY = 7;

  private static final int END_STREAM = 1;
  private static final int ACK = 1;
  private static final int END_HEADERS = 4;
  private static final int GRPC_HEADER_BYTES = 5;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /**
   * A frame that the server sent.
   *
   * @param type of the frame
   * @param flags of the frame
   * @param stream its number; 0 for the connection
   * @param text its payload, a character each byte
   */
  record Frame(int type, int flags, int stream, String text) {
    boolean endsStream() {
      return type == RST_STREAM || ((type == DATA || type == HEADERS) && (flags & END_STREAM) != 0);
    }
  }

  private final Socket socket;
  private final boolean answersPings;
  private final List<Frame> frames = new CopyOnWriteArrayList<>();
  private volatile boolean over;

  /**
   * Connects and sends the preface that every client must send first.
   *
   * @param answersPings whether it shows signs of life
   */
  RawPeer(int port, boolean answersPings) throws IOException {
    this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
    this.answersPings = answersPings;
    socket.setTcpNoDelay(true);
    write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    frame(SETTINGS, 0, 0);
    Thread reader = new Thread(this::read, "raw-peer");
    reader.setDaemon(true);
    reader.start();
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

  /** Begins a call. */
  void call(int stream, String method) throws IOException {
    call(stream, method, "x");
  }

  /** The same with a header of this value. */
  void call(int stream, String method, String value) throws IOException {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    header(block, ":method", "POST");
    header(block, ":scheme", "http");
    header(block, ":path", "/weir.v1." + method);
    header(block, ":authority", "localhost");
    header(block, "te", "trailers");
    header(block, "content-type", "application/grpc");
    header(block, "x-raw", value);
    frame(HEADERS, END_HEADERS, stream, block.toByteArray());
  }

  /** A literal header field without indexing, RFC 7541 section 6.2.2. */
  private static void header(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    text(block, name);
    text(block, value);
  }

  private static void text(ByteArrayOutputStream block, String text) {
    int left = text.length();
    if (left < 127) {
      block.write(left);
    } else {
      block.write(127);
      for (left -= 127; left >= 128; left >>= 7) {
        block.write(left & 127 | 128);
      }
      block.write(left);
    }
    block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** A message of a call. */
  void message(int stream, byte[] message) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(GRPC_HEADER_BYTES + message.length);
    frame(DATA, 0, stream, bytes.put((byte) 0).putInt(message.length).put(message).array());
  }

  /** Sends the beginning of a message, with its length. */
  void beginMessage(int stream, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(GRPC_HEADER_BYTES);
    frame(DATA, 0, stream, bytes.put((byte) 0).putInt(length).array());
  }

  private void read() {
    try {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      while (true) {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        byte[] payload = new byte[length];
        in.readFully(payload);
        if (answersPings && type == PING && flags == 0) {
          frame(PING, ACK, 0, payload);
        } else if (type == SETTINGS && (flags & ACK) == 0) {
          frame(SETTINGS, ACK, 0);
        }
        frames.add(
            new Frame(type, flags, stream, new String(payload, StandardCharsets.ISO_8859_1)));
      }
    } catch (IOException closed) {
      over = true;
    }
  }

  /** Returns whether the server has closed the connection. */
  boolean isOver() {
    return over;
  }

  void awaitOver() {
    await("the server closes the connection").atMost(PATIENCE).until(() -> over);
  }

  /** Returns all frames that the server sent. */
  List<Frame> frames() {
    return List.copyOf(frames);
  }

  /** Returns whether the server has ended a call. */
  boolean isEnded(int stream) {
    return frames.stream().anyMatch(frame -> frame.stream() == stream && frame.endsStream());
  }

  void awaitEnd(int stream) {
    await("the server ends call " + stream).atMost(PATIENCE).until(() -> over || isEnded(stream));
  }

  /** Waits until a call was answered. */
  void awaitAnswer(int stream) {
    await("an answer to call " + stream)
        .atMost(PATIENCE)
        .until(() -> frames.stream().anyMatch(frame -> frame.stream() == stream));
  }

  /** Returns the server's message when it closed the connection; empty: none. */
  String goAway() {
    return frames.stream()
        .filter(frame -> frame.type() == GO_AWAY)
        .map(Frame::text)
        .reduce("", String::concat);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
