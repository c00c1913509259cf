package dev.weir.it.squeeze;

import dev.weir.client.ClientOptions;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.v1.Credit;
import dev.weir.v1.Format;
import dev.weir.v1.Selector;
import dev.weir.v1.SubscribeOpen;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.Subscription;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Snapshots of 100,000 sensors, begun ten times a second and never read to their end, half of them
 * for want of credit and half because nobody reads the call, while all values change every second.
 * Stateless.
 */
final class StoppedSnapshots {
  private static final int SENSORS = 100_000;
  private static final int SESSIONS = 4;
  private static final int MESSAGE_BYTES = 16 << 10;
  private static final int BATCH_READINGS = 8_192;
  private static final Duration EACH = Duration.ofMillis(400);
  private static final Duration ROUND = Duration.ofSeconds(1);
  private static final long FLUSH_SECONDS = 60;

  private StoppedSnapshots() {}

  static void begin(AbuseContext attack) {
    attack.repeatedly("snapshots-values", () -> change(attack));
    for (int i = 0; i < SESSIONS; i++) {
      Http2Socket.Reads reads = i % 2 == 0 ? Http2Socket.Reads.ALL : Http2Socket.Reads.CONTROL;
      attack.repeatedly("stopped-snapshots", () -> subscribe(attack, reads));
    }
  }

  /** Begins snapshots in one session, as long as it is open. */
  private static void subscribe(AbuseContext attack, Http2Socket.Reads reads) throws IOException {
    AbuseCounts tally = attack.tally();
    Http2Socket socket =
        attack.connect(
            reads, (type, flags, stream, payload, length) -> tally.reasons(payload, length));
    try {
      int stream = socket.call("SubscribeService/Subscribe");
      SubscribeRequest open =
          SubscribeRequest.newBuilder().setOpen(SubscribeOpen.getDefaultInstance()).build();
      socket.message(stream, open.toByteArray(), false, attack.endNanos());
      for (int id = 0; attack.goesOn() && !socket.isOver(); id++) {
        socket.message(stream, snapshot(id), false, attack.endNanos());
        tally.add("snapshots: begun");
        attack.pause(EACH);
      }
    } finally {
      attack.forget(socket);
    }
  }

  private static byte[] snapshot(int id) {
    Subscription one =
        Subscription.newBuilder()
            .setId(id)
            .setTopic(SqueezeTopics.MANY)
            .setSelector(Selector.newBuilder().setAll(true))
            .setSnapshot(true)
            .setFormat(Format.FORMAT_COLUMNS)
            .setMaxMessageBytes(MESSAGE_BYTES)
            .setCredit(Credit.newBuilder().setReadings(1))
            .build();
    return SubscribeRequest.newBuilder().setAdd(one).build().toByteArray();
  }

  /** Gives every sensor a new value, again and again. */
  private static void change(AbuseContext attack) throws IOException {
    ClientOptions options =
        ClientOptions.builder("127.0.0.1:" + attack.port()).closeTimeout(Duration.ZERO).build();
    try (WeirClient client = WeirClient.connect(options)) {
      Publisher publisher =
          client.publisher(
              PublisherOptions.builder(SqueezeTopics.MANY)
                  .producerId("snapshots")
                  .batchReadingsMax(BATCH_READINGS)
                  .build());
      List<SensorHandle> handles = new ArrayList<>();
      for (int i = 0; i < SENSORS; i++) {
        handles.add(publisher.sensor(SqueezeSetup.manySensor(i)));
      }
      for (long round = 0; attack.goesOn(); round++) {
        long now = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
        for (SensorHandle handle : handles) {
          handle.publish(now, (double) round);
        }
        publisher.flush().get(FLUSH_SECONDS, TimeUnit.SECONDS);
        attack.tally().add("snapshots: rounds of values");
        attack.pause(ROUND);
      }
    } catch (WeirException | ExecutionException | TimeoutException failed) {
      throw new IOException(failed);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
