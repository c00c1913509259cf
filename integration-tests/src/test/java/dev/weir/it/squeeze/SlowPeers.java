package dev.weir.it.squeeze;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * 5,000 that never finish what they begin: 800 connections that send headers a byte per second
 * (those that the server closes or refuses are made anew), and 4,200 calls on some connections that
 * send a message a byte per second. Stateless.
 */
final class SlowPeers {
  private static final int CONNECTIONS = 800;
  private static final int NEW_EACH_TICK = 20;
  private static final int CALL_CONNECTIONS = 6;
  private static final int CALLS_EACH = 700;
  private static final int CLAIMED_BYTES = 500_000;
  private static final int CLAIMED_HEADER_BYTES = 200;
  private static final Duration TICK = Duration.ofMillis(100);
  private static final int TICKS_OF_A_BYTE = 10;

  private SlowPeers() {}

  static void begin(AbuseContext attack) {
    attack.repeatedly("slow-headers", () -> headers(attack));
    for (int i = 0; i < CALL_CONNECTIONS; i++) {
      attack.repeatedly("slow-messages", () -> messages(attack));
    }
  }

  private static void headers(AbuseContext attack) throws IOException {
    List<SocketChannel> open = new ArrayList<>();
    try {
      for (int tick = 0; attack.goesOn(); tick++) {
        for (int i = 0; i < NEW_EACH_TICK && open.size() < CONNECTIONS && attack.goesOn(); i++) {
          open.add(connect(attack, attack.tally()));
        }
        if (tick % TICKS_OF_A_BYTE == 0) {
          drip(open, attack.tally());
        }
        attack.pause(TICK);
      }
    } finally {
      for (SocketChannel channel : open) {
        channel.close();
      }
    }
  }

  private static SocketChannel connect(AbuseContext attack, AbuseCounts tally) throws IOException {
    SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), attack.port()));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.configureBlocking(false);
    ByteBuffer begin = ByteBuffer.allocate(128);
    begin.put("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    begin.put(new byte[] {0, 0, 0, Http2Socket.SETTINGS, 0, 0, 0, 0, 0});
    // The head of a frame with headers, of which one byte per second will come.
    begin.put(new byte[] {0, 0, (byte) CLAIMED_HEADER_BYTES, Http2Socket.HEADERS, 0, 0, 0, 0, 1});
    channel.write(begin.flip());
    tally.add("slow: connections");
    return channel;
  }

  private static void drip(List<SocketChannel> open, AbuseCounts tally) throws IOException {
    ByteBuffer read = ByteBuffer.allocate(4_096);
    for (Iterator<SocketChannel> each = open.iterator(); each.hasNext(); ) {
      SocketChannel channel = each.next();
      try {
        int length;
        while ((length = channel.read(read.clear())) > 0) {
          tally.reasons(read.array(), length);
        }
        if (length == 0) {
          channel.write(ByteBuffer.wrap(new byte[] {0}));
          continue;
        }
      } catch (IOException e) {
        // The server has closed it.
      }
      tally.add("slow: connections closed by the server");
      channel.close();
      each.remove();
    }
  }

  private static void messages(AbuseContext attack) throws IOException {
    AbuseCounts tally = attack.tally();
    Http2Socket socket =
        attack.connect(
            Http2Socket.Reads.ALL,
            (type, flags, stream, payload, length) -> {
              if (Http2Socket.endsStream(type, flags)) {
                tally.add("slow: calls ended by the server");
                tally.reasons(payload, length);
              }
            });
    byte[] claim = ByteBuffer.allocate(5).put((byte) 0).putInt(CLAIMED_BYTES).array();
    try {
      List<Integer> streams = new ArrayList<>();
      for (int tick = 0; attack.goesOn() && !socket.isOver(); tick++) {
        for (int i = 0; i < NEW_EACH_TICK && streams.size() < CALLS_EACH; i++) {
          int stream = socket.call("PublishService/PublishStream");
          socket.frame(Http2Socket.DATA, 0, stream, claim);
          streams.add(stream);
          tally.add("slow: calls");
        }
        // Streams that the server has ended stay in the list: what is late for them is ignored.
        for (int i = tick % TICKS_OF_A_BYTE; i < streams.size(); i += TICKS_OF_A_BYTE) {
          socket.frame(Http2Socket.DATA, 0, streams.get(i), (byte) 0);
        }
        attack.pause(TICK);
      }
    } finally {
      attack.forget(socket);
    }
  }
}
