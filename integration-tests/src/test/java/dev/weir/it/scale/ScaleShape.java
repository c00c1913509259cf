package dev.weir.it.scale;

import dev.weir.service.config.Limit;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The size of a server. Immutable.
 *
 * @param name of the run
 * @param heap greatest heap, as the JVM writes it
 * @param limits that are raised for it
 * @param groups of topics alike, numbered through in this order
 * @param sampled topics of which readings are stored and read
 * @param startMost how long a start may take, from the process to the first answer
 * @param stopMost how long a stop may take, from SIGTERM to the end of the process
 */
record ScaleShape(
    String name,
    String heap,
    Map<Limit, Long> limits,
    List<Group> groups,
    int sampled,
    Duration startMost,
    Duration stopMost) {
  private static final Duration START = Duration.ofSeconds(20);
  private static final Duration STOP = Duration.ofSeconds(30);

  /** drain_ms, twice shutdown_grace_ms and shutdown_rest_ms: beyond, the process ends itself. */
  private static final Duration STOP_LONGEST = Duration.ofSeconds(50);

  /**
   * Topics that are alike.
   *
   * @param topics how many
   * @param partitions of each
   * @param sensors of each
   */
  record Group(int topics, int partitions, int sensors) {}

  /** 100,000 topics of one partition. */
  private static ScaleShape topics(String heap, int percent) {
    return new ScaleShape(
        "topics",
        heap,
        Map.of(Limit.TOPICS_MAX, 100_000L),
        List.of(new Group(1_000 * percent, 1, 0)),
        1_000,
        Duration.ofMinutes(2),
        STOP_LONGEST);
  }

  /** 10,000,000 sensors in ten topics. */
  private static ScaleShape sensors(String heap, int percent) {
    return new ScaleShape(
        "sensors",
        heap,
        Map.of(Limit.SENSORS_PER_TOPIC_MAX, 1_000_000L),
        List.of(new Group(10, 1, 10_000 * percent)),
        10,
        Duration.ofMinutes(2),
        STOP_LONGEST);
  }

  /** 200 topics of 64 partitions, each of which has sensors. */
  private static ScaleShape partitions(String heap, int percent) {
    List<Group> groups = List.of(new Group(2 * percent, 64, 512));
    return new ScaleShape("partitions", heap, Map.of(), groups, 200, START, STOP);
  }

  /** A little of each. */
  static ScaleShape small() {
    return new ScaleShape(
        "small",
        "256m",
        Map.of(),
        List.of(new Group(300, 1, 0), new Group(1, 1, 20_000), new Group(10, 64, 256)),
        30,
        START,
        STOP);
  }

  /** A tiny server with a few of everything. */
  static ScaleShape tiny() {
    return new ScaleShape("tiny", "128m", Map.of(), List.of(new Group(2, 2, 20)), 2, START, STOP);
  }

  /**
   * The one of a name.
   *
   * @param name such as topics
   * @param percent how much of it, 1 to 100
   */
  static ScaleShape of(String name, String heap, int percent) {
    return switch (name) {
      case "topics" -> topics(heap, percent);
      case "sensors" -> sensors(heap, percent);
      case "partitions" -> partitions(heap, percent);
      default ->
          throw new IllegalArgumentException(
              "shape: " + name + " (expected topics, sensors or partitions)");
    };
  }

  int topicCount() {
    return groups.stream().mapToInt(Group::topics).sum();
  }

  long partitionCount() {
    return groups.stream().mapToLong(group -> (long) group.topics() * group.partitions()).sum();
  }

  long sensorCount() {
    return groups.stream().mapToLong(group -> (long) group.topics() * group.sensors()).sum();
  }

  /** The group of a topic. */
  Group groupOf(int topic) {
    int left = topic;
    for (Group group : groups) {
      if (left < group.topics()) {
        return group;
      }
      left -= group.topics();
    }
    throw new IllegalArgumentException(
        "topic: " + topic + " (expected below " + topicCount() + ")");
  }

  static String topicName(int topic) {
    return String.format("scale-%06d", topic);
  }

  static int topicNumber(String name) {
    return Integer.parseInt(name.substring(name.indexOf('-') + 1));
  }

  static String sensorName(int sensor) {
    return String.format("line/sensor-%08d", sensor);
  }

  static int sensorNumber(String name) {
    return Integer.parseInt(name.substring(name.indexOf('-') + 1));
  }

  @Override
  public String toString() {
    return String.format(
        "%s: %,d topics, %,d partitions, %,d sensors; -Xmx%s, raised: %s",
        name, topicCount(), partitionCount(), sensorCount(), heap, raised());
  }

  private Map<String, Long> raised() {
    Map<String, Long> all = new TreeMap<>();
    limits.forEach((limit, value) -> all.put(limit.yamlName(), value));
    return all;
  }
}
