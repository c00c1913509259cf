package dev.weir.it.squeeze;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.weir.v1.CreateTopicRequest;
import dev.weir.v1.Kind;
import dev.weir.v1.PublishOpen;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.ResolveSensorsRequest;
import dev.weir.v1.Sensor;
import dev.weir.v1.SubscribeOpen;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.Topic;
import dev.weir.v1.UploadOpen;
import dev.weir.v1.UploadRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Messages of nearly 1 MB with as many entries as fit, into every method that takes entries, or
 * with groups, twenty at a time; and definitions of valid sensors with long names until no more are
 * taken. Stateless.
 */
final class ManyEntries {
  private static final int CONNECTIONS = 4;
  private static final int AT_ONCE = 5;
  private static final int ENTRIES = 450_000;
  private static final int PATHS = 100_000;
  private static final int NAME_WATCHED_BYTES = 900_000;
  private static final int GROUPS_BYTES = 900_000;
  private static final int SENSORS_EACH = 2_000;
  private static final int NAME_BYTES = 400;
  private static final Duration HELD = Duration.ofSeconds(2);
  private static final Duration FULL = Duration.ofMillis(100);

  /**
   * A call and what is sent in it.
   *
   * @param messages all of them; a call with one message is ended after it
   */
  private record Request(String method, List<byte[]> messages) {}

  private ManyEntries() {}

  static void begin(AbuseContext attack) {
    List<Request> requests = requests();
    AtomicInteger next = new AtomicInteger();
    for (int i = 0; i < CONNECTIONS; i++) {
      attack.repeatedly("many-entries", () -> send(attack, requests, next));
    }
    Random random = attack.random();
    attack.repeatedly("many-sensors", () -> define(attack, random));
  }

  private static List<Request> requests() {
    List<Request> all = new ArrayList<>();
    ByteString topic = RawMessages.field(1, ByteString.copyFromUtf8(SqueezeTopics.SPAM));
    ByteString selector = RawMessages.field(2, RawMessages.empties(2, ENTRIES));
    ByteString globs = RawMessages.field(2, RawMessages.empties(3, ENTRIES));
    ByteString rows = RawMessages.empties(2, ENTRIES);
    ByteString columns = RawMessages.empties(1, ENTRIES);
    ByteString sensors = RawMessages.empties(3, ENTRIES);
    all.add(
        one("SubscribeService/Subscribe", RawMessages.field(1, RawMessages.empties(1, ENTRIES))));
    all.add(
        one("SubscribeService/Subscribe", RawMessages.field(1, RawMessages.empties(2, ENTRIES))));
    all.add(
        add(
            RawMessages.field(
                2, topicOf(2).concat(RawMessages.field(3, RawMessages.empties(2, ENTRIES))))));
    all.add(
        add(
            RawMessages.field(
                2, topicOf(2).concat(RawMessages.field(3, RawMessages.empties(3, ENTRIES))))));
    all.add(publish(RawMessages.field(2, RawMessages.empties(2, ENTRIES))));
    for (ByteString batch : List.of(rows, columns, sensors)) {
      all.add(publish(RawMessages.field(3, RawMessages.field(3, batch))));
      all.add(upload(RawMessages.field(2, RawMessages.field(2, batch))));
      all.add(one("PublishService/Publish", topic.concat(RawMessages.field(5, batch))));
    }
    all.add(one("CatalogService/ResolveSensors", topic.concat(RawMessages.empties(2, ENTRIES))));
    all.add(
        one("CatalogService/CreateTopic", RawMessages.field(1, RawMessages.empties(5, ENTRIES))));
    all.add(
        one("CatalogService/UpdateTopic", RawMessages.field(2, RawMessages.empties(1, ENTRIES))));
    ByteString path = RawMessages.field(1, ByteString.copyFromUtf8("labels"));
    all.add(
        one(
            "CatalogService/UpdateTopic",
            RawMessages.field(1, topicOf(1))
                .concat(RawMessages.field(2, RawMessages.repeat(path, PATHS)))));
    ByteString name = ByteString.copyFromUtf8("s".repeat(NAME_WATCHED_BYTES));
    all.add(one("grpc.health.v1.Health/Watch", RawMessages.field(1, name)));
    for (String method : List.of("GetLatest", "Read", "Tail")) {
      all.add(one("SubscribeService/" + method, topic.concat(selector)));
      all.add(one("SubscribeService/" + method, topic.concat(globs)));
    }
    ByteString groups = RawMessages.groups(GROUPS_BYTES);
    for (String method : List.of("GetLatest", "Read", "Tail", "Subscribe")) {
      all.add(one("SubscribeService/" + method, groups));
    }
    all.add(one("CatalogService/ResolveSensors", groups));
    all.add(one("PublishService/Publish", groups));
    all.add(publish(groups));
    all.add(publish(RawMessages.field(3, RawMessages.field(3, groups))));
    all.add(upload(groups));
    all.add(one("grpc.health.v1.Health/Check", groups));
    all.add(one("grpc.health.v1.Health/Watch", groups));
    return all;
  }

  private static ByteString topicOf(int field) {
    return RawMessages.field(field, ByteString.copyFromUtf8(SqueezeTopics.SPAM));
  }

  private static Request one(String method, ByteString message) {
    return new Request(method, List.of(message.toByteArray()));
  }

  private static Request add(ByteString message) {
    MessageLite open =
        SubscribeRequest.newBuilder().setOpen(SubscribeOpen.getDefaultInstance()).build();
    return stream("SubscribeService/Subscribe", open, message);
  }

  private static Request publish(ByteString message) {
    MessageLite open =
        PublishStreamRequest.newBuilder()
            .setOpen(PublishOpen.newBuilder().setTopic(SqueezeTopics.SPAM))
            .build();
    return stream("PublishService/PublishStream", open, message);
  }

  private static Request upload(ByteString message) {
    MessageLite open =
        UploadRequest.newBuilder()
            .setOpen(UploadOpen.newBuilder().setTopic(SqueezeTopics.SPAM))
            .build();
    return stream("PublishService/Upload", open, message);
  }

  private static Request stream(String method, MessageLite open, ByteString message) {
    return new Request(method, List.of(open.toByteArray(), message.toByteArray()));
  }

  private static void send(AbuseContext attack, List<Request> requests, AtomicInteger next)
      throws IOException {
    AbuseCounts tally = attack.tally();
    AtomicInteger ended = new AtomicInteger();
    Http2Socket socket =
        attack.connect(
            Http2Socket.Reads.ALL,
            (type, flags, stream, payload, length) -> {
              ended.addAndGet(Http2Socket.endsStream(type, flags) ? 1 : 0);
              tally.reasons(payload, length);
            });
    try {
      List<Integer> streams = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        Request request = requests.get(next.getAndIncrement() % requests.size());
        boolean last = request.messages.size() == 1 && !request.method.endsWith("Subscribe");
        int stream = socket.call(request.method);
        streams.add(stream);
        for (byte[] message : request.messages) {
          socket.message(stream, message, last, attack.endNanos());
        }
        tally.add("entries: calls");
      }
      long held = System.nanoTime();
      while (attack.goesOn()
          && ended.get() < streams.size()
          && !socket.isOver()
          && System.nanoTime() - held < HELD.toNanos()) {
        attack.pause(FULL);
      }
    } finally {
      attack.forget(socket);
    }
  }

  /** Defines sensors with long names, again and again. */
  private static void define(AbuseContext attack, Random random) throws IOException {
    AbuseCounts tally = attack.tally();
    AtomicInteger ended = new AtomicInteger();
    Http2Socket socket =
        attack.connect(
            Http2Socket.Reads.ALL,
            (type, flags, stream, payload, length) -> {
              ended.addAndGet(Http2Socket.endsStream(type, flags) ? 1 : 0);
              tally.reasons(payload, length);
            });
    try {
      for (int asked = 0; attack.goesOn() && !socket.isOver(); ) {
        if (ended.get() == asked) {
          int stream = socket.call("CatalogService/ResolveSensors");
          socket.message(stream, sensors(random), true, attack.endNanos());
          asked++;
          tally.add("entries: sensors asked for", SENSORS_EACH);
        } else {
          attack.pause(Duration.ofMillis(1));
        }
      }
    } finally {
      attack.forget(socket);
    }
  }

  private static byte[] sensors(Random random) {
    ResolveSensorsRequest.Builder request =
        ResolveSensorsRequest.newBuilder().setTopic(SqueezeTopics.SPAM);
    String filler = "x".repeat(NAME_BYTES);
    for (int i = 0; i < SENSORS_EACH; i++) {
      request.addSensors(
          Sensor.newBuilder()
              .setName(Long.toHexString(random.nextLong()) + "/" + filler)
              .setKind(Kind.KIND_DOUBLE));
    }
    return request.build().toByteArray();
  }

  /** The topic that is spoilt. */
  static CreateTopicRequest spam() {
    return CreateTopicRequest.newBuilder()
        .setTopic(Topic.newBuilder().setName(SqueezeTopics.SPAM))
        .build();
  }
}
