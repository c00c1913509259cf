package dev.weir.it.squeeze;

import dev.weir.v1.Selector;
import dev.weir.v1.SubscribeOpen;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.Subscription;
import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;

/** 20,000 sessions with one subscription each, in which nothing happens. Stateless. */
final class IdleSessions {
  private static final int CONNECTIONS = 4;
  private static final int EACH = 5_000;
  static final int ALL = CONNECTIONS * EACH;
  static final String ASKED = "idle: sessions asked for";
  static final String OPENED = "idle: sessions opened";
  static final String ENDED = "idle: sessions refused or ended";
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);

  private IdleSessions() {}

  static void begin(AbuseContext attack) {
    for (int i = 0; i < CONNECTIONS; i++) {
      attack.repeatedly("idle-sessions", () -> open(attack));
    }
  }

  private static void open(AbuseContext attack) throws IOException {
    AbuseCounts tally = attack.tally();
    BitSet opened = new BitSet(); // owned by the reading thread
    Http2Socket socket =
        attack.connect(
            Http2Socket.Reads.ALL,
            (type, flags, stream, payload, length) -> {
              if (Http2Socket.endsStream(type, flags) && attack.goesOn()) {
                tally.add(ENDED);
              }
              if (type == Http2Socket.DATA && !opened.get(stream)) {
                opened.set(stream);
                tally.add(OPENED);
              }
              tally.reasons(payload, length);
            });
    byte[] request = request();
    try {
      for (int i = 0; i < EACH && attack.goesOn(); i++) {
        socket.message(
            socket.call("SubscribeService/Subscribe"), request, false, attack.endNanos());
        tally.add(ASKED);
      }
      while (attack.goesOn() && !socket.isOver()) {
        attack.pause(LOOK_EVERY);
      }
    } finally {
      attack.forget(socket);
    }
  }

  private static byte[] request() {
    Subscription one =
        Subscription.newBuilder()
            .setTopic(SqueezeTopics.IDLE)
            .setSelector(Selector.newBuilder().setAll(true))
            .build();
    return SubscribeRequest.newBuilder()
        .setOpen(SubscribeOpen.newBuilder().addSubscriptions(one).setClient("idle"))
        .build()
        .toByteArray();
  }
}
