package dev.weir.it.squeeze;

import com.google.protobuf.MessageLite;
import dev.weir.v1.Format;
import dev.weir.v1.Selector;
import dev.weir.v1.Start;
import dev.weir.v1.SubscribeOpen;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.Subscription;
import dev.weir.v1.TailRequest;
import dev.weir.v1.Until;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * 300 readers of the whole log in {@value SqueezeTopics#LOG_PARTITIONS} partitions: a hundred that
 * read all they can and begin again, a hundred that read a little ten times a second, a hundred
 * that read nothing. Half of them in rows. Stateless.
 */
final class CatchUpReaders {
  private static final int FAST_CONNECTIONS = 10;
  private static final int FAST_EACH = 10;
  private static final int SLOW = 100;
  private static final int STOPPED = 100;
  private static final String TAIL = "SubscribeService/Tail";
  private static final String SUBSCRIBE = "SubscribeService/Subscribe";
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);

  private CatchUpReaders() {}

  static void begin(AbuseContext attack) {
    for (int i = 0; i < FAST_CONNECTIONS; i++) {
      attack.repeatedly("fast-reader", () -> fast(attack));
    }
    attack.repeatedly("slow-readers", () -> hold(attack, SLOW, true));
    attack.repeatedly("stopped-readers", () -> hold(attack, STOPPED, false));
  }

  private static void fast(AbuseContext attack) throws IOException {
    AbuseCounts tally = attack.tally();
    AtomicInteger running = new AtomicInteger();
    Http2Socket socket =
        attack.connect(
            Http2Socket.Reads.ALL,
            (type, flags, stream, payload, length) -> {
              tally.add("catch-up: bytes read", length);
              if (Http2Socket.endsStream(type, flags)) {
                running.decrementAndGet();
                tally.reasons(payload, length);
              }
            });
    try {
      for (int begun = 0; attack.goesOn() && !socket.isOver(); ) {
        if (running.get() < FAST_EACH) {
          int stream = socket.call(TAIL);
          running.incrementAndGet();
          begun++;
          byte[] request = tail(begun % 2 == 0).setUntil(now()).build().toByteArray();
          socket.message(stream, request, true, attack.endNanos());
          tally.add("catch-up: fast readers begun");
        } else {
          attack.pause(LOOK_EVERY);
        }
      }
    } finally {
      attack.forget(socket);
    }
  }

  private static Until now() {
    return Until.newBuilder().setNow(true).build();
  }

  private static TailRequest.Builder tail(boolean rows) {
    return TailRequest.newBuilder()
        .setTopic(SqueezeTopics.LOG)
        .setStart(earliest())
        .setFormat(rows ? Format.FORMAT_ROWS : Format.FORMAT_COLUMNS);
  }

  private static Start earliest() {
    return Start.newBuilder().setEarliest(true).build();
  }

  private static MessageLite subscribe(boolean rows) {
    Subscription all =
        Subscription.newBuilder()
            .setId(1)
            .setTopic(SqueezeTopics.LOG)
            .setSelector(Selector.newBuilder().setAll(true))
            .setStart(earliest())
            .setFormat(rows ? Format.FORMAT_ROWS : Format.FORMAT_COLUMNS)
            .build();
    return SubscribeRequest.newBuilder()
        .setOpen(SubscribeOpen.newBuilder().addSubscriptions(all))
        .build();
  }

  /** Keeps so many connections with one reader each; those that are closed are opened again. */
  private static void hold(AbuseContext attack, int count, boolean slow) throws IOException {
    Map<Integer, Http2Socket> held = new HashMap<>();
    while (attack.goesOn()) {
      for (int i = 0; i < count && attack.goesOn(); i++) {
        Http2Socket socket = held.get(i);
        if (socket == null || socket.isOver()) {
          if (socket != null) {
            attack.forget(socket);
            held.remove(i);
          }
          held.put(i, reader(attack, i, slow));
        }
      }
      attack.pause(LOOK_EVERY);
    }
  }

  private static Http2Socket reader(AbuseContext attack, int index, boolean slow)
      throws IOException {
    AbuseCounts tally = attack.tally();
    Http2Socket.Reads stopped =
        index % 4 < 2 ? Http2Socket.Reads.NOTHING : Http2Socket.Reads.CONTROL;
    Http2Socket socket =
        attack.connect(
            slow ? Http2Socket.Reads.SLOWLY : stopped,
            (type, flags, stream, payload, length) -> {
              if (Http2Socket.endsStream(type, flags)) {
                tally.add("catch-up: slow or stopped readers ended");
                tally.reasons(payload, length);
              }
            });
    boolean rows = index % 2 == 0;
    boolean session = index % 3 == 0;
    MessageLite request = session ? subscribe(rows) : tail(rows).build();
    int stream = socket.call(session ? SUBSCRIBE : TAIL);
    socket.message(stream, request.toByteArray(), !session, attack.endNanos());
    tally.add(slow ? "catch-up: slow readers" : "catch-up: stopped readers");
    return socket;
  }
}
