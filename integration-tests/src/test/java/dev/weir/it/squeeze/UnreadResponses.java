package dev.weir.it.squeeze;

import com.google.protobuf.MessageLite;
import dev.weir.v1.CreateTopicRequest;
import dev.weir.v1.Define;
import dev.weir.v1.DeleteTopicRequest;
import dev.weir.v1.EndSessionRequest;
import dev.weir.v1.GetCursorsRequest;
import dev.weir.v1.GetLatestRequest;
import dev.weir.v1.GetServerInfoRequest;
import dev.weir.v1.GetSessionRequest;
import dev.weir.v1.GetTopicRequest;
import dev.weir.v1.Kind;
import dev.weir.v1.ListSensorsRequest;
import dev.weir.v1.ListSessionsRequest;
import dev.weir.v1.ListTopicsRequest;
import dev.weir.v1.Ping;
import dev.weir.v1.PublishOpen;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.Remove;
import dev.weir.v1.ResolveSensorsRequest;
import dev.weir.v1.Selector;
import dev.weir.v1.Sensor;
import dev.weir.v1.Start;
import dev.weir.v1.SubscribeOpen;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.Subscription;
import dev.weir.v1.TailRequest;
import dev.weir.v1.UpdateTopicRequest;
import dev.weir.v1.UploadOpen;
import dev.weir.v1.UploadRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Many calls of every method whose answers nobody reads: half of the connections read nothing at
 * all, the others everything but answers. Stateless.
 */
final class UnreadResponses {
  private static final int CALLS = 2_000;

  /** The number of sessions, each with as many requests. */
  private static final int SESSIONS = 20;

  private static final int REQUESTS_EACH = 200;

  /** The room that a connection gets which reads nothing and so does not learn of more. */
  private static final int BLIND_BYTES = 60_000;

  private static final Duration LOOK_EVERY = Duration.ofMillis(100);
  private static final Selector ALL = Selector.newBuilder().setAll(true).build();

  /**
   * A request that is repeated without end.
   *
   * @param open first in each call; null for a unary one
   * @param ask the message that is answered
   */
  private record Question(String method, MessageLite open, MessageLite ask) {
    boolean isUnary() {
      return open == null;
    }
  }

  private UnreadResponses() {}

  static void begin(AbuseContext attack) {
    for (Question question : questions()) {
      attack.repeatedly("unread", () -> ask(attack, question, Http2Socket.Reads.NOTHING));
      attack.repeatedly("unread", () -> ask(attack, question, Http2Socket.Reads.CONTROL));
    }
  }

  private static void ask(AbuseContext attack, Question question, Http2Socket.Reads reads)
      throws IOException {
    AbuseCounts tally = attack.tally();
    AtomicInteger ended = new AtomicInteger();
    Http2Socket socket =
        attack.connect(
            reads,
            (type, flags, stream, payload, length) -> {
              if (Http2Socket.endsStream(type, flags)) {
                ended.incrementAndGet();
                tally.add("unread: calls ended by the server");
                tally.reasons(payload, length);
              }
            });
    int room = reads == Http2Socket.Reads.NOTHING ? BLIND_BYTES : Integer.MAX_VALUE;
    try {
      int calls = question.isUnary() ? unary(attack, socket, question, room) : 0;
      calls += question.isUnary() ? 0 : sessions(attack, socket, question, room);
      tally.add("unread: calls", calls);
      while (attack.goesOn() && !socket.isOver() && ended.get() < calls) {
        attack.pause(LOOK_EVERY);
      }
    } finally {
      attack.forget(socket);
    }
  }

  private static int unary(AbuseContext attack, Http2Socket socket, Question question, int room)
      throws IOException {
    byte[] message = question.ask.toByteArray();
    int left = room;
    int calls = 0;
    while (calls < CALLS && left > message.length + 5 && attack.goesOn()) {
      socket.message(socket.call(question.method), message, true, attack.endNanos());
      left -= message.length + 5;
      calls++;
    }
    return calls;
  }

  private static int sessions(AbuseContext attack, Http2Socket socket, Question question, int room)
      throws IOException {
    byte[] open = question.open.toByteArray();
    byte[] ask = question.ask.toByteArray();
    int left = room;
    int calls = 0;
    while (calls < SESSIONS && left > open.length + 5 && attack.goesOn()) {
      int stream = socket.call(question.method);
      socket.message(stream, open, false, attack.endNanos());
      left -= open.length + 5;
      calls++;
      for (int i = 0; i < REQUESTS_EACH && left > ask.length + 5; i++) {
        socket.message(stream, ask, false, attack.endNanos());
        left -= ask.length + 5;
      }
    }
    return calls;
  }

  private static List<Question> questions() {
    List<Question> all = new ArrayList<>();
    all.add(admin("GetServerInfo", GetServerInfoRequest.getDefaultInstance()));
    all.add(admin("ListSessions", ListSessionsRequest.newBuilder().setPageSize(1_000).build()));
    all.add(admin("GetSession", GetSessionRequest.newBuilder().setId("none").build()));
    all.add(admin("EndSession", EndSessionRequest.newBuilder().setId("none").build()));
    all.addAll(catalog());
    all.addAll(reads());
    all.addAll(sessions());
    return all;
  }

  private static Question admin(String method, MessageLite ask) {
    return new Question("AdminService/" + method, null, ask);
  }

  private static List<Question> catalog() {
    String service = "CatalogService/";
    Sensor sensor = Sensor.newBuilder().setName("unread").setKind(Kind.KIND_DOUBLE).build();
    return List.of(
        new Question(service + "CreateTopic", null, CreateTopicRequest.getDefaultInstance()),
        new Question(
            service + "GetTopic",
            null,
            GetTopicRequest.newBuilder().setName(SqueezeTopics.LOG).build()),
        new Question(service + "ListTopics", null, ListTopicsRequest.getDefaultInstance()),
        new Question(service + "UpdateTopic", null, UpdateTopicRequest.getDefaultInstance()),
        new Question(
            service + "DeleteTopic", null, DeleteTopicRequest.newBuilder().setName("none").build()),
        new Question(
            service + "ListSensors",
            null,
            ListSensorsRequest.newBuilder()
                .setTopic(SqueezeTopics.MANY)
                .setPageSize(1_000)
                .build()),
        new Question(
            service + "ResolveSensors",
            null,
            ResolveSensorsRequest.newBuilder()
                .setTopic(SqueezeTopics.SPAM)
                .addSensors(sensor)
                .build()));
  }

  private static List<Question> reads() {
    String service = "SubscribeService/";
    Start earliest = Start.newBuilder().setEarliest(true).build();
    return List.of(
        new Question(
            service + "Read",
            null,
            ReadRequest.newBuilder()
                .setTopic(SqueezeTopics.LOG)
                .setStart(earliest)
                .setLimit(10_000)
                .build()),
        new Question(
            service + "GetLatest",
            null,
            GetLatestRequest.newBuilder()
                .setTopic(SqueezeTopics.LOG)
                .setSelector(ALL)
                .setPageSize(10_000)
                .build()),
        new Question(
            service + "GetCursors",
            null,
            GetCursorsRequest.newBuilder().setTopic(SqueezeTopics.LOG).build()),
        new Question(
            service + "Tail",
            null,
            TailRequest.newBuilder().setTopic(SqueezeTopics.LOG).setStart(earliest).build()),
        new Question(
            "PublishService/Publish",
            null,
            PublishRequest.newBuilder().setTopic(SqueezeTopics.SPAM).build()));
  }

  private static List<Question> sessions() {
    MessageLite subscribe =
        SubscribeRequest.newBuilder().setOpen(SubscribeOpen.getDefaultInstance()).build();
    MessageLite publish =
        PublishStreamRequest.newBuilder()
            .setOpen(PublishOpen.newBuilder().setTopic(SqueezeTopics.SPAM))
            .build();
    MessageLite upload =
        UploadRequest.newBuilder()
            .setOpen(UploadOpen.newBuilder().setTopic(SqueezeTopics.SPAM))
            .build();
    String service = "SubscribeService/Subscribe";
    String stream = "PublishService/PublishStream";
    Sensor sensor = Sensor.newBuilder().setName("unread").setKind(Kind.KIND_DOUBLE).build();
    return List.of(
        new Question(service, subscribe, SubscribeRequest.newBuilder().setPing(ping()).build()),
        new Question(
            service,
            subscribe,
            SubscribeRequest.newBuilder().setRemove(Remove.getDefaultInstance()).build()),
        new Question(
            service,
            subscribe,
            SubscribeRequest.newBuilder()
                .setAdd(
                    Subscription.newBuilder()
                        .setTopic(SqueezeTopics.LOG)
                        .setSelector(ALL)
                        .setStart(Start.newBuilder().setEarliest(true)))
                .build()),
        new Question(stream, publish, PublishStreamRequest.newBuilder().setPing(ping()).build()),
        new Question(
            stream,
            publish,
            PublishStreamRequest.newBuilder()
                .setDefine(Define.newBuilder().addSensors(sensor))
                .build()),
        new Question("PublishService/Upload", upload, upload));
  }

  private static Ping ping() {
    return Ping.newBuilder().setId(1).build();
  }
}
