package dev.weir.it.squeeze;

import com.google.protobuf.MessageLite;
import dev.weir.v1.GetLatestRequest;
import dev.weir.v1.Selector;
import dev.weir.v1.SubscribeOpen;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.Subscription;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * GetLatest and Subscribe with 100 globs each, none like another, which match no sensor of many;
 * half of the calls are cancelled after 0.2 s. Stateless.
 */
final class CostlyGlobs {
  private static final int CONNECTIONS = 4;
  private static final int AT_ONCE = 4;
  private static final int GLOBS = 100;
  private static final long CANCEL_NANOS = 200_000_000;
  private static final String CANCEL_TIMEOUT = "200m";
  private static final int CANCELS_MAX = 150; // of one connection; the server permits 200
  private static final Duration TICK = Duration.ofMillis(10);

  private CostlyGlobs() {}

  static void begin(AbuseContext attack) {
    for (int i = 0; i < CONNECTIONS; i++) {
      boolean cancels = i % 2 == 0;
      Random random = attack.random();
      attack.repeatedly("costly-globs", () -> ask(attack, random, cancels));
    }
  }

  private static void ask(AbuseContext attack, Random random, boolean cancels) throws IOException {
    AbuseCounts tally = attack.tally();
    ConcurrentLinkedQueue<Integer> answered = new ConcurrentLinkedQueue<>();
    Http2Socket socket =
        attack.connect(
            Http2Socket.Reads.ALL,
            (type, flags, stream, payload, length) -> {
              // A session that has reported its subscription has done its work.
              if (stream > 0
                  && type != Http2Socket.WINDOW_UPDATE
                  && length > 0
                  && (Http2Socket.endsStream(type, flags) || type == Http2Socket.DATA)) {
                answered.add(stream);
              }
              tally.reasons(payload, length);
            });
    Map<Integer, Long> begun = new HashMap<>();
    int cancelled = 0;
    try {
      while (attack.goesOn() && !socket.isOver() && cancelled < CANCELS_MAX) {
        for (Integer one = answered.poll(); one != null; one = answered.poll()) {
          tally.add(begun.remove(one) == null ? "globs: more answers" : "globs: answered");
        }
        if (begun.size() < AT_ONCE) {
          boolean session = random.nextBoolean();
          begun.put(begin(attack, socket, random, session, cancels), System.nanoTime());
          tally.add("globs: calls");
        } else if (cancels && dropOldest(socket, begun)) {
          cancelled++;
          tally.add("globs: cancelled");
        } else {
          attack.pause(TICK);
        }
      }
    } finally {
      attack.forget(socket);
    }
  }

  private static boolean dropOldest(Http2Socket socket, Map<Integer, Long> begun)
      throws IOException {
    for (Map.Entry<Integer, Long> one : begun.entrySet()) {
      if (System.nanoTime() - one.getValue() > CANCEL_NANOS) {
        socket.cancel(one.getKey());
        begun.remove(one.getKey());
        return true;
      }
    }
    return false;
  }

  private static int begin(
      AbuseContext attack, Http2Socket socket, Random random, boolean session, boolean cancels)
      throws IOException {
    Selector.Builder globs = Selector.newBuilder();
    for (int i = 0; i < GLOBS; i++) {
      globs.addGlobs("**/a*b*c*d*x" + random.nextInt(Integer.MAX_VALUE) + "/**");
    }
    MessageLite request = session ? subscribe(globs) : latest(globs);
    String method = session ? "SubscribeService/Subscribe" : "SubscribeService/GetLatest";
    int stream = socket.call(method, cancels && random.nextBoolean() ? CANCEL_TIMEOUT : "");
    socket.message(stream, request.toByteArray(), !session, attack.endNanos());
    return stream;
  }

  private static MessageLite latest(Selector.Builder globs) {
    return GetLatestRequest.newBuilder().setTopic(SqueezeTopics.MANY).setSelector(globs).build();
  }

  private static MessageLite subscribe(Selector.Builder globs) {
    Subscription one =
        Subscription.newBuilder().setTopic(SqueezeTopics.MANY).setSelector(globs).build();
    return SubscribeRequest.newBuilder()
        .setOpen(SubscribeOpen.newBuilder().addSubscriptions(one))
        .build();
  }
}
