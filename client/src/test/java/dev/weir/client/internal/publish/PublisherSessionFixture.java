package dev.weir.client.internal.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.BatchAck;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherListener;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.WeirException;
import dev.weir.v1.Defined;
import dev.weir.v1.Problem;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.SensorBinding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A publisher of a server that a test scripts. */
abstract class PublisherSessionFixture extends PublishServerFixture {
  static final Problem BEHIND = problem("OUT_OF_SEQUENCE", 9).build();
  static final Problem BAD_TIME = problem("TIME_OUT_OF_RANGE", 3).build();
  static final Problem STORE_FAILED =
      problem("STORE_FAILED", 14)
          .setRetryDelay(com.google.protobuf.Duration.newBuilder().setNanos(1_000_000))
          .build();

  final Queue<String> heard = new ConcurrentLinkedQueue<>();

  PublisherOptions.Builder options() {
    return PublisherOptions.builder("t").blockTimeout(Duration.ofSeconds(10));
  }

  Publisher publisher(PublisherOptions.Builder options) {
    return client.publisher(options.listener(new Listener()).build());
  }

  ScriptedPublishServer.Session opened(long last, int window) throws Exception {
    var session = server.session();
    assertThat(session.next().hasOpen()).isTrue();
    session.open(last, window);
    return session;
  }

  static List<CompletableFuture<BatchAck>> publishAll(SensorHandle sensor, int readings) {
    List<CompletableFuture<BatchAck>> acks = new ArrayList<>();
    for (int i = 1; i <= readings; i++) {
      acks.add(sensor.publish(i, i));
    }
    return acks;
  }

  static List<String> values(ScriptedPublishServer.Session session, int batches)
      throws InterruptedException {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < batches; i++) {
      var batch = session.next().getBatch();
      values.add(batch.getSequence() + ":" + batch.getBatch().getColumns(0).getDoubles(0));
    }
    return values;
  }

  static PublishStreamResponse.Builder defined(long id, String name, int to) {
    return PublishStreamResponse.newBuilder()
        .setDefined(
            Defined.newBuilder()
                .setId(id)
                .addBindings(SensorBinding.newBuilder().setName(name).setId(to)));
  }

  static Problem.Builder problem(String reason, int code) {
    return Problem.newBuilder().setReason(reason).setCode(code).setMessage("as scripted");
  }

  /** Writes down what it hears. */
  private final class Listener implements PublisherListener {
    @Override
    public void onDisconnected(WeirException cause, Duration retryIn) {
      heard.add("disconnected " + cause.reason());
    }

    @Override
    public void onRejected(int partition, int readings, WeirException cause) {
      heard.add("rejected " + readings + " " + cause.reason());
    }

    @Override
    public void onLost(int partition, long from, long through) {
      heard.add("lost " + from + ".." + through);
    }
  }
}
