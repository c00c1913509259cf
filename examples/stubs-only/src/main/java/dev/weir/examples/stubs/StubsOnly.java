package dev.weir.examples.stubs;

import dev.weir.v1.Batch;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishResponse;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.Reading;
import dev.weir.v1.Selector;
import dev.weir.v1.Start;
import dev.weir.v1.StoredPart;
import dev.weir.v1.SubscribeServiceGrpc;
import dev.weir.v1.TailRequest;
import dev.weir.v1.TailResponse;
import dev.weir.v1.Until;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.time.Instant;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/**
 * Publishes three readings and tails the topic from its beginning until now, with blocking stubs.
 * The server is {@code WEIR_SERVER}, or the one that {@code make run} starts.
 */
public final class StubsOnly {
  private static final String TOPIC = "examples.stubs";
  private static final long DEADLINE_SECONDS = 10;

  private StubsOnly() {}

  public static void main(String[] args) throws InterruptedException {
    String server = System.getenv().getOrDefault("WEIR_SERVER", "localhost:7474");
    ManagedChannel channel = ManagedChannelBuilder.forTarget(server).usePlaintext().build();
    try {
      publish(channel);
      tail(channel);
    } finally {
      channel.shutdown().awaitTermination(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }
  }

  private static void publish(ManagedChannel channel) {
    // Rows name their sensors; a reading without a time gets the server's.
    Batch.Builder batch = Batch.newBuilder();
    for (double celsius : new double[] {20.5, 21.0, 21.5}) {
      batch.addRows(Reading.newBuilder().setSensor("boiler/temperature").setDouble(celsius));
    }
    PublishResponse response =
        PublishServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
            .publish(PublishRequest.newBuilder().setTopic(TOPIC).setBatch(batch).build());
    int stored = response.getPartsList().stream().mapToInt(StoredPart::getReadings).sum();
    System.out.printf("stored %d readings, %s%n", stored, response.getDurability());
  }

  private static void tail(ManagedChannel channel) {
    TailRequest request =
        TailRequest.newBuilder()
            .setTopic(TOPIC)
            .setSelector(Selector.newBuilder().setAll(true))
            .setStart(Start.newBuilder().setEarliest(true))
            .setUntil(Until.newBuilder().setNow(true))
            .build();
    Iterator<TailResponse> responses =
        SubscribeServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
            .tail(request);
    while (responses.hasNext()) {
      TailResponse response = responses.next();
      switch (response.getResponseCase()) {
        case DELIVERY -> response.getDelivery().getReadingsList().forEach(StubsOnly::print);
        case GAP -> System.out.printf("lost %d readings%n", response.getGap().getReadings());
        default -> {
          // Started, phases and the end carry no readings.
        }
      }
    }
  }

  private static void print(Reading reading) {
    Instant time =
        Instant.ofEpochSecond(reading.getTime().getSeconds(), reading.getTime().getNanos());
    System.out.printf("%s %s %s%n", reading.getSensor(), time, reading.getDouble());
  }
}
