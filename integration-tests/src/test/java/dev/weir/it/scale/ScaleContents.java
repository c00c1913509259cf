package dev.weir.it.scale;

import com.google.protobuf.Timestamp;
import dev.weir.it.proof.AuditFindings;
import dev.weir.v1.Batch;
import dev.weir.v1.CatalogServiceGrpc;
import dev.weir.v1.CreateTopicRequest;
import dev.weir.v1.Kind;
import dev.weir.v1.ListSensorsRequest;
import dev.weir.v1.ListSensorsResponse;
import dev.weir.v1.ListTopicsRequest;
import dev.weir.v1.ListTopicsResponse;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.Reading;
import dev.weir.v1.ResolveSensorsRequest;
import dev.weir.v1.ResolveSensorsResponse;
import dev.weir.v1.Selector;
import dev.weir.v1.Sensor;
import dev.weir.v1.Start;
import dev.weir.v1.SubscribeServiceGrpc;
import io.grpc.Channel;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Fills a server, and checks that all it has acknowledged, and nothing else, is there. Owned by the
 * audit; its callers run on several threads.
 */
final class ScaleContents {
  private static final int SENSORS_EACH = 4_000;
  private static final int PAGE = 1_000;
  private static final int READINGS_EACH = 3;
  private static final long DEADLINE_SECONDS = 120;
  private static final long FIRST_SECONDS = 1_700_000_000L;

  private final ScaleShape shape;
  private final AuditFindings findings;
  private final int[] sampled;

  /** The number of readings acknowledged, by topic and how often it was published to. */
  private final AtomicIntegerArray acknowledged;

  ScaleContents(ScaleShape shape, AuditFindings findings, Random random) {
    this.shape = shape;
    this.findings = findings;
    this.sampled =
        random.ints(0, shape.topicCount()).distinct().limit(shape.sampled()).sorted().toArray();
    this.acknowledged = new AtomicIntegerArray(sampled.length);
  }

  private static CatalogServiceGrpc.CatalogServiceBlockingStub catalog(Channel channel) {
    return CatalogServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  /** Creates all topics. */
  void createTopics(Channel channel, ParallelCallers callers) throws InterruptedException {
    callers.each(shape.topicCount(), topic -> catalog(channel).createTopic(creation(shape, topic)));
  }

  /** Builds the request that creates a topic. */
  static CreateTopicRequest creation(ScaleShape shape, int topic) {
    return CreateTopicRequest.newBuilder()
        .setTopic(
            dev.weir.v1.Topic.newBuilder()
                .setName(ScaleShape.topicName(topic))
                .setPartitionCount(shape.groupOf(topic).partitions()))
        .build();
  }

  /** Defines all sensors, those of one topic in order. */
  void defineSensors(Channel channel, ParallelCallers callers) throws InterruptedException {
    callers.each(
        shape.topicCount(),
        topic -> {
          int all = shape.groupOf(topic).sensors();
          for (int from = 0; from < all; from += SENSORS_EACH) {
            var request = ResolveSensorsRequest.newBuilder().setTopic(ScaleShape.topicName(topic));
            for (int i = from; i < Math.min(all, from + SENSORS_EACH); i++) {
              request.addSensors(
                  Sensor.newBuilder().setName(ScaleShape.sensorName(i)).setKind(Kind.KIND_DOUBLE));
            }
            ResolveSensorsResponse answer = catalog(channel).resolveSensors(request.build());
            findings.unless(
                answer.getBindingsCount() == request.getSensorsCount(),
                "%s: %d of %d sensors admitted: %s",
                ScaleShape.topicName(topic),
                answer.getBindingsCount(),
                request.getSensorsCount(),
                answer.getProblemsList().stream().findFirst());
          }
        });
  }

  /** Stores some readings in each sampled topic. */
  void publish(Channel channel, ParallelCallers callers) throws InterruptedException {
    callers.each(
        sampled.length,
        sample -> {
          Batch.Builder batch = Batch.newBuilder();
          int from = acknowledged.get(sample);
          for (int i = from; i < from + READINGS_EACH; i++) {
            batch.addRows(reading(sample, i));
          }
          PublishServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
              .publish(
                  PublishRequest.newBuilder()
                      .setTopic(ScaleShape.topicName(sampled[sample]))
                      .setBatch(batch)
                      .build());
          acknowledged.set(sample, from + READINGS_EACH);
        });
  }

  /** All of one sensor, so that they come in order. */
  private static Reading reading(int sample, int number) {
    return Reading.newBuilder()
        .setSensor(ScaleShape.sensorName(0))
        .setTime(Timestamp.newBuilder().setSeconds(FIRST_SECONDS + number))
        .setDouble(sample + number / 1024.0)
        .build();
  }

  /** Readings that are acknowledged. */
  int acknowledgedReadings() {
    int all = 0;
    for (int i = 0; i < acknowledged.length(); i++) {
      all += acknowledged.get(i);
    }
    return all;
  }

  /** Holds against the server what it acknowledged. */
  void audit(Channel channel, ParallelCallers callers) throws InterruptedException {
    auditTopics(channel);
    callers.each(shape.topicCount(), topic -> auditSensors(channel, topic));
    callers.each(sampled.length, sample -> auditReadings(channel, sample));
  }

  private void auditTopics(Channel channel) {
    BitSet seen = new BitSet();
    String token = "";
    do {
      ListTopicsResponse page =
          catalog(channel)
              .listTopics(
                  ListTopicsRequest.newBuilder().setPageSize(PAGE).setPageToken(token).build());
      for (dev.weir.v1.Topic topic : page.getTopicsList()) {
        int number = ScaleShape.topicNumber(topic.getName());
        findings.unless(!seen.get(number), "topic %s is listed twice", topic.getName());
        seen.set(number);
        findings.unless(
            number < shape.topicCount()
                && topic.getPartitionCount() == shape.groupOf(number).partitions(),
            "topic %s is not as it was created: %s",
            topic.getName(),
            topic);
      }
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    for (int i = seen.nextClearBit(0); i < shape.topicCount(); i = seen.nextClearBit(i + 1)) {
      findings.add("topic %s was created and is not there", ScaleShape.topicName(i));
    }
  }

  private void auditSensors(Channel channel, int topic) {
    int all = shape.groupOf(topic).sensors();
    if (all == 0) {
      return; // a sampled one has the sensor of its readings
    }
    BitSet seen = new BitSet();
    Map<Integer, String> ids = new TreeMap<>();
    String token = "";
    do {
      ListSensorsResponse page =
          catalog(channel)
              .listSensors(
                  ListSensorsRequest.newBuilder()
                      .setTopic(ScaleShape.topicName(topic))
                      .setPageSize(PAGE)
                      .setPageToken(token)
                      .build());
      ids.clear(); // they ascend, so those of one page are enough
      for (Sensor sensor : page.getSensorsList()) {
        String twin = ids.put(sensor.getId(), sensor.getName());
        findings.unless(twin == null, "%s and %s have one id", twin, sensor.getName());
        seen.set(ScaleShape.sensorNumber(sensor.getName()));
      }
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    findings.unless(
        seen.cardinality() == all && seen.length() == all,
        "%s has %d of %d sensors; the first one missing is %s",
        ScaleShape.topicName(topic),
        seen.cardinality(),
        all,
        ScaleShape.sensorName(seen.nextClearBit(0)));
  }

  private void auditReadings(Channel channel, int sample) {
    List<Reading> expected = new ArrayList<>();
    for (int i = 0; i < acknowledged.get(sample); i++) {
      expected.add(reading(sample, i));
    }
    List<Reading> found = new ArrayList<>();
    SubscribeServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .read(
            ReadRequest.newBuilder()
                .setTopic(ScaleShape.topicName(sampled[sample]))
                .setSelector(Selector.newBuilder().setAll(true))
                .setStart(Start.newBuilder().setEarliest(true))
                .setLimit(expected.size() + 1)
                .build())
        .getReadingsList()
        .forEach(reading -> found.add(reading.toBuilder().clearCursor().build()));
    findings.unless(
        found.equals(expected),
        "%s has %d readings, %d are acknowledged; or others",
        ScaleShape.topicName(sampled[sample]),
        found.size(),
        expected.size());
  }
}
