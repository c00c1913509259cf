package dev.weir.it.proof;

import dev.weir.v1.CatalogServiceGrpc;
import dev.weir.v1.GapReason;
import dev.weir.v1.GetCursorsRequest;
import dev.weir.v1.GetLatestRequest;
import dev.weir.v1.ListSensorsRequest;
import dev.weir.v1.ListTopicsRequest;
import dev.weir.v1.Reading;
import dev.weir.v1.Selector;
import dev.weir.v1.Start;
import dev.weir.v1.SubscribeServiceGrpc;
import dev.weir.v1.TailRequest;
import dev.weir.v1.TailResponse;
import dev.weir.v1.Topic;
import dev.weir.v1.Until;
import io.grpc.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Everything that a server shows to its clients. Immutable.
 *
 * @param facts topics, sensors, last values and committed cursors
 * @param readings of each partition, in order; without cursors, which identify the start
 * @param gaps of each partition
 */
record ServedContents(
    List<String> facts, Map<String, List<Reading>> readings, Map<String, List<Lost>> gaps) {
  private static final int PAGE = 1_000;
  private static final long DEADLINE_SECONDS = 30;

  /** A gap. */
  record Lost(GapReason reason, long readings) {}

  static ServedContents of(Channel channel) {
    ServedContents view = new ServedContents(new ArrayList<>(), new TreeMap<>(), new TreeMap<>());
    ListTopicsRequest all = ListTopicsRequest.newBuilder().setPageSize(PAGE).build();
    for (Topic topic : catalogue(channel).listTopics(all).getTopicsList()) {
      view.addFacts(channel, topic);
      view.addReadings(channel, topic.getName());
    }
    return view;
  }

  private static CatalogServiceGrpc.CatalogServiceBlockingStub catalogue(Channel channel) {
    return CatalogServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  private static SubscribeServiceGrpc.SubscribeServiceBlockingStub subscribing(Channel channel) {
    return SubscribeServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  private void addFacts(Channel channel, Topic topic) {
    String name = topic.getName();
    facts.add(topic.toString());
    catalogue(channel)
        .listSensors(ListSensorsRequest.newBuilder().setTopic(name).setPageSize(PAGE).build())
        .getSensorsList()
        .forEach(sensor -> facts.add(sensor.toString()));
    Selector all = Selector.newBuilder().setAll(true).build();
    subscribing(channel)
        .getLatest(
            GetLatestRequest.newBuilder().setTopic(name).setSelector(all).setPageSize(PAGE).build())
        .getReadingsList()
        .forEach(last -> facts.add(last.toBuilder().clearCursor().build().toString()));
    subscribing(channel)
        .getCursors(GetCursorsRequest.newBuilder().setTopic(name).setPageSize(PAGE).build())
        .getCursorsList()
        .forEach(cursor -> facts.add(cursor.getName() + " at " + cursor.getCursor()));
  }

  private void addReadings(Channel channel, String topic) {
    subscribing(channel)
        .tail(
            TailRequest.newBuilder()
                .setTopic(topic)
                .setStart(Start.newBuilder().setEarliest(true))
                .setUntil(Until.newBuilder().setNow(true))
                .build())
        .forEachRemaining(response -> add(topic, response));
  }

  private void add(String topic, TailResponse response) {
    if (response.hasDelivery()) {
      List<Reading> partition =
          readings.computeIfAbsent(
              topic + "/" + response.getDelivery().getPartition(), missing -> new ArrayList<>());
      response
          .getDelivery()
          .getReadingsList()
          .forEach(reading -> partition.add(reading.toBuilder().clearCursor().build()));
    } else if (response.hasGap()) {
      gaps.computeIfAbsent(
              topic + "/" + response.getGap().getPartition(), missing -> new ArrayList<>())
          .add(new Lost(response.getGap().getReason(), response.getGap().getReadings()));
    }
  }

  /** Complains about all that differs and that no gap reports exactly. */
  void compare(ServedContents damaged, String how, ByteFlip flip, AuditFindings complaints) {
    complaints.unless(
        damaged.facts.equals(facts), "%s: %s: %s, before %s", how, flip, damaged.facts, facts);
    int lost = flip.region().record() == null ? 0 : flip.region().record().readings();
    int told = 0;
    for (Map.Entry<String, List<Reading>> partition : readings.entrySet()) {
      List<Reading> expected = partition.getValue();
      List<Lost> said = new ArrayList<>(damaged.gaps.getOrDefault(partition.getKey(), List.of()));
      said.removeIf(gap -> gap.readings() == 0); // a record without readings
      if (!said.isEmpty()) {
        told++;
        complaints.unless(
            said.equals(List.of(new Lost(GapReason.GAP_REASON_DATA_LOSS, lost))),
            "%s: %s: gaps %s, lost are %s readings",
            how,
            flip,
            said,
            lost);
        expected = without(expected, (int) flip.region().record().readingsBefore(), lost);
      }
      complaints.unless(
          expected.equals(damaged.readings.getOrDefault(partition.getKey(), List.of())),
          "%s: %s: silent difference in %s",
          how,
          flip,
          partition.getKey());
    }
    complaints.unless(told == (lost > 0 ? 1 : 0), "%s: %s: %s gaps", how, flip, told);
  }

  private static List<Reading> without(List<Reading> all, int from, int count) {
    List<Reading> rest = new ArrayList<>(all.subList(0, from));
    rest.addAll(all.subList(from + count, all.size()));
    return rest;
  }
}
