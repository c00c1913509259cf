package dev.weir.it.squeeze;

import dev.weir.v1.Remove;
import dev.weir.v1.Selector;
import dev.weir.v1.SubscribeOpen;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.Subscription;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * 1,000 sessions that add a subscription and remove it, again and again, each time with another
 * selector. Stateless.
 */
final class SubscriptionChurn {
  private static final int CONNECTIONS = 2;
  private static final int EACH = 500;

  private static final Duration TICK = Duration.ofMillis(1);

  private SubscriptionChurn() {}

  static void begin(AbuseContext attack) {
    for (int i = 0; i < CONNECTIONS; i++) {
      Random random = attack.random();
      attack.repeatedly("adding-removing", () -> churn(attack, random));
    }
  }

  private static void churn(AbuseContext attack, Random random) throws IOException {
    AbuseCounts tally = attack.tally();
    AtomicIntegerArray answered = new AtomicIntegerArray(EACH); // 1: since the last request
    Http2Socket socket =
        attack.connect(
            Http2Socket.Reads.ALL,
            (type, flags, stream, payload, length) -> {
              if (Http2Socket.endsStream(type, flags)) {
                tally.add("churn: sessions ended");
                tally.reasons(payload, length);
              } else if (type == Http2Socket.DATA) {
                answered.set(stream / 2 % EACH, 1);
              }
            });
    try {
      int[] streams = open(attack, socket);
      for (int turn = 1, idle = 0; attack.goesOn() && !socket.isOver(); turn++) {
        int stream = streams[turn % EACH];
        if (answered.compareAndSet(stream / 2 % EACH, 1, 0)) {
          socket.message(stream, add(turn, random), false, attack.endNanos());
          socket.message(stream, remove(turn), false, attack.endNanos());
          tally.add("churn: subscriptions added and removed");
          idle = 0;
        } else if (++idle % EACH == 0) {
          attack.pause(TICK);
        }
      }
    } finally {
      attack.forget(socket);
    }
  }

  private static int[] open(AbuseContext attack, Http2Socket socket) throws IOException {
    int[] streams = new int[EACH];
    byte[] open =
        SubscribeRequest.newBuilder()
            .setOpen(SubscribeOpen.getDefaultInstance())
            .build()
            .toByteArray();
    for (int i = 0; i < EACH; i++) {
      streams[i] = socket.call("SubscribeService/Subscribe");
      socket.message(streams[i], open, false, attack.endNanos());
    }
    return streams;
  }

  private static byte[] add(int id, Random random) {
    Selector.Builder selector = Selector.newBuilder();
    switch (id % 3) {
      case 0 -> selector.setAll(true);
      case 1 -> selector.addNames("p/" + random.nextInt(1_000_000));
      default -> selector.addGlobs("honest/*" + random.nextInt(1_000_000));
    }
    return SubscribeRequest.newBuilder()
        .setAdd(
            Subscription.newBuilder()
                .setId(id)
                .setTopic(HonestPublisher.TOPIC)
                .setSnapshot(id % 2 == 0)
                .setSelector(selector))
        .build()
        .toByteArray();
  }

  private static byte[] remove(int id) {
    return SubscribeRequest.newBuilder()
        .setRemove(Remove.newBuilder().setSubscription(id))
        .build()
        .toByteArray();
  }
}
