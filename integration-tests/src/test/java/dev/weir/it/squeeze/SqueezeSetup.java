package dev.weir.it.squeeze;

import dev.weir.client.ClientOptions;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.it.proof.AuditFindings;
import dev.weir.v1.Kind;
import dev.weir.v1.ResolveSensorsResponse;
import dev.weir.v1.Sensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The data that is stored before a squeeze: the honest topic, a long log, and a topic with as many
 * sensors as are admitted. Owned by the audit.
 */
final class SqueezeSetup {
  private static final int SENSORS_EACH = 4_000;
  private static final int READINGS_EACH = 8_192;
  private static final int BATCH_BYTES = 128 * 1_024;
  private static final long FIRST_EVENT_NANOS = 1_700_000_000_000_000_000L;
  private static final long STEP_NANOS = 1_000_000;
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final SqueezeOptions terms;
  private final AuditFindings findings;
  private long admittedSensors;
  private String refusal = "";

  SqueezeSetup(SqueezeOptions terms, AuditFindings findings) {
    this.terms = terms;
    this.findings = findings;
  }

  void run(String address) throws InterruptedException {
    ClientOptions options =
        ClientOptions.builder(address)
            .backoffSeed(terms.seed())
            .closeTimeout(Duration.ZERO)
            .build();
    try (WeirClient client = WeirClient.connect(options)) {
      client.topics().createTopic(HonestPublisher.TOPIC, HonestPublisher.PARTITIONS);
      client.topics().createTopic(SqueezeTopics.LOG, SqueezeTopics.LOG_PARTITIONS);
      client.topics().createTopic(SqueezeTopics.MANY, SqueezeTopics.MANY_PARTITIONS);
      client.topics().createTopic(SqueezeTopics.IDLE, 1);
      client.topics().createTopic(SqueezeTopics.SPAM, 1);
      List<Sensor> honest = new ArrayList<>();
      for (int i = 0; i < HonestPublisher.SENSORS; i++) {
        honest.add(sensor(HonestPublisher.sensor(i)));
      }
      client.topics().resolveSensors(HonestPublisher.TOPIC, honest);
      HonestPublisher.introduce(client); // before nothing more fits the catalogue
      fill(client);
      define(client);
    } catch (ExecutionException | TimeoutException e) {
      findings.add("the log cannot be prepared: %s", e);
    }
  }

  /** The name of a sensor of the topic with many. */
  static String manySensor(long number) {
    return "p/aabbaabbccddccddx/" + number;
  }

  private static Sensor sensor(String name) {
    return Sensor.newBuilder().setName(name).setKind(Kind.KIND_DOUBLE).build();
  }

  /** A log of numbers, evenly in all partitions. */
  private void fill(WeirClient client)
      throws InterruptedException, ExecutionException, TimeoutException {
    PublisherOptions options =
        PublisherOptions.builder(SqueezeTopics.LOG)
            .producerId("preparation")
            .batchReadingsMax(READINGS_EACH)
            .batchBytesMax(BATCH_BYTES)
            .build();
    Publisher publisher = client.publisher(options);
    List<SensorHandle> handles = new ArrayList<>();
    // As many sensors as partitions: some share one, which is even enough.
    for (int i = 0; i < SqueezeTopics.LOG_PARTITIONS; i++) {
      handles.add(publisher.sensor("log/" + i));
    }
    long rounds = terms.logBytes() / Double.BYTES / READINGS_EACH / handles.size();
    long number = 0;
    for (long round = 0; round < rounds; round++) {
      for (SensorHandle handle : handles) {
        for (int i = 0; i < READINGS_EACH; i++) {
          handle.publish(FIRST_EVENT_NANOS + (number + i) * STEP_NANOS, (double) (number + i));
        }
      }
      number += READINGS_EACH;
    }
    publisher.flush().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Defines sensors until they are enough, or no more are admitted. */
  private void define(WeirClient client) {
    while (admittedSensors < terms.sensors() && refusal.isEmpty()) {
      List<Sensor> some = new ArrayList<>();
      for (int i = 0; i < SENSORS_EACH && admittedSensors + i < terms.sensors(); i++) {
        some.add(sensor(manySensor(admittedSensors + i)));
      }
      try {
        ResolveSensorsResponse answer = client.topics().resolveSensors(SqueezeTopics.MANY, some);
        admittedSensors += answer.getBindingsCount();
        if (answer.getProblemsCount() > 0) {
          refusal = answer.getProblems(0).getProblem().getMessage();
        }
      } catch (WeirException e) {
        refusal = e.toString();
      }
    }
  }

  /** Returns the number of sensors for selectors. */
  long admittedSensors() {
    return admittedSensors;
  }

  /** Returns why there are no more; empty where there are as many as wanted. */
  String refusal() {
    return refusal;
  }
}
