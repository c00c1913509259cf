package dev.weir.bench.system;

import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.RandomWalks;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherListener;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Weir through its client with defaults: one {@code publish} per reading. With {@code connections=}
 * above 1 the sensors are dealt out to as many clients with a publisher each. {@code batch=} is the
 * client's batchReadingsMax; 0 stands for its default.
 */
final class WeirPublisher implements SystemPublisher {
  private final List<WeirClient> clients = new ArrayList<>();
  private final List<Publisher> publishers = new ArrayList<>();
  private final SensorHandle[] handles;
  private final AtomicLong disconnects = new AtomicLong();

  WeirPublisher(KeyValues settings) {
    for (int i = 0; i < settings.count("connections"); i++) {
      WeirClient client = WeirClient.connect("127.0.0.1:" + settings.count("port"));
      clients.add(client);
      publishers.add(client.publisher(options(settings)));
    }
    handles = new SensorHandle[settings.count("sensors")];
    for (int sensor = 0; sensor < handles.length; sensor++) {
      handles[sensor] =
          publishers.get(sensor % publishers.size()).sensor(RandomWalks.name(0, sensor));
    }
  }

  private PublisherOptions options(KeyValues settings) {
    var options = PublisherOptions.builder(settings.text("topic"));
    int batch = settings.count("batch");
    if (batch > 0) {
      options.batchReadingsMax(batch);
    }
    options.listener(
        new PublisherListener() {
          @Override
          public void onDisconnected(WeirException cause, Duration retryIn) {
            disconnects.incrementAndGet();
            System.err.println("disconnected: " + cause);
          }
        });
    return options.build();
  }

  @Override
  public void publish(int sensor, long timeNanos, double value) {
    handles[sensor].publish(timeNanos, value);
  }

  @Override
  public boolean drain(Duration timeout) throws Exception {
    long deadline = System.nanoTime() + timeout.toNanos();
    List<CompletableFuture<Void>> flushed = publishers.stream().map(Publisher::flush).toList();
    try {
      for (CompletableFuture<Void> one : flushed) {
        one.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      }
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  @Override
  public long acknowledged() {
    return publishers.stream().mapToLong(Publisher::readingsAcknowledged).sum();
  }

  @Override
  public long failures() {
    return disconnects.get();
  }

  @Override
  public void close() {
    clients.forEach(WeirClient::close);
  }
}
