package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.catalog.DefinedSensor;
import dev.weir.service.config.Limits;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.topic.TestTopics;
import dev.weir.v1.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever happens to a partition, a restart finds what was told before, and nothing else. */
class RestartProperties {
  private static final int PARTITIONS = 2;

  /** What the answers said. */
  private static final class Told {
    final Map<String, Long> epochs = new TreeMap<>();
    final List<Map<String, Long>> last = List.of(new TreeMap<>(), new TreeMap<>());
    final Map<String, Integer> ids = new HashMap<>();

    /** The topic is opened: the greatest epoch of any partition fences in all. */
    void level() {
      Map<String, Long> greatest = new HashMap<>();
      epochs.forEach((at, epoch) -> greatest.merge(at.substring(0, 2), epoch, Math::max));
      greatest.forEach(
          (producer, epoch) -> {
            for (int p = 0; p < PARTITIONS && epoch > 1; p++) {
              epochs.merge(producer + p, epoch, Math::max);
            }
          });
    }
  }

  @Property(tries = 120)
  void restart_findsWhatWasTold(@ForAll long seed) {
    Random random = new Random(seed);
    TestTopics world = new TestTopics(Limits.defaults(), 1 << 20);
    Told told = new Told();
    for (int life = 0; life < 4; life++) {
      live(world, told, random);
      if (random.nextBoolean()) {
        world.stop();
      }
      world.restart();
      told.level();
      check(world.topic("t", PARTITIONS), world, told);
    }
  }

  /** What a partition folds while it runs is what the next process folds from its log. */
  @Property(tries = 120)
  void stateOfARunningPartition_isThatOfItsLog(@ForAll long seed) {
    assertThat(states(seed, true)).isEqualTo(states(seed, false));
  }

  /**
   * The checkpoints at the end of some lives.
   *
   * @param recovered written by a process that has only read the log; else by the one that ran
   */
  private static List<Optional<Checkpoint>> states(long seed, boolean recovered) {
    Random random = new Random(seed);
    TestTopics world = new TestTopics(Limits.defaults(), 1 << 20);
    Told told = new Told();
    for (int life = 0; life < 3; life++) {
      if (life > 0) {
        world.restart();
      }
      live(world, told, random);
    }
    if (recovered) {
      world.restart();
    }
    ServedTopic topic = world.topic("t", PARTITIONS);
    world.run();
    world.stop();
    return topic.partitions().stream()
        .map(partition -> world.log(topic, partition.number()))
        .filter(log -> log.endOffset() > 0) // else it holds the start that wrote it
        .map(FakeLog::checkpoint)
        .toList();
  }

  private static void live(TestTopics world, Told told, Random random) {
    ServedTopic topic = world.topic("t", PARTITIONS);
    Map<String, List<TestProducerSession>> sessions = new HashMap<>();
    for (int step = random.nextInt(40); step > 0; step--) {
      int p = random.nextInt(PARTITIONS);
      FakeLog log = world.log(topic, p);
      String producer = "p" + random.nextInt(3);
      switch (random.nextInt(9)) {
        case 0 -> log.end(random.nextInt(3) == 0 ? FakeLog.End.NOT_STORED : FakeLog.End.COMMIT);
        case 1 -> log.hold();
        case 2 -> log.release();
        case 3 -> open(topic, p, producer, 1 + random.nextInt(4), told, sessions);
        case 4 -> define(topic, p, random, told);
        case 5 ->
            sessions.getOrDefault(producer + p, List.of()).stream()
                .findAny()
                .ifPresent(TestProducerSession::leave);
        case 6 -> world.moveClock(random.nextInt(3) - 1);
        default -> append(topic, p, producer, random, told, sessions);
      }
      if (random.nextInt(3) == 0) {
        world.run();
      }
    }
    for (int p = 0; p < PARTITIONS; p++) {
      world.log(topic, p).release();
    }
    world.run();
  }

  private static void open(
      ServedTopic topic,
      int p,
      String producer,
      long epoch,
      Told told,
      Map<String, List<TestProducerSession>> sessions) {
    TestProducerSession session =
        new TestProducerSession(topic.partitions().get(p), producer, epoch);
    sessions.computeIfAbsent(producer + p, key -> new ArrayList<>()).add(session);
    topic
        .partitions()
        .get(p)
        .offer(
            new PartitionRequest.Open(
                session,
                true,
                result -> {
                  if (result instanceof PartitionResult.Opened opened) {
                    assertThat(epoch).isGreaterThanOrEqualTo(present(told, producer, p));
                    told.epochs.put(producer + p, epoch);
                    assertThat(opened.lastSequence())
                        .isGreaterThanOrEqualTo(last(told, producer, p));
                  }
                }));
  }

  private static long present(Told told, String producer, int p) {
    return told.epochs.getOrDefault(producer + p, 0L);
  }

  private static long last(Told told, String producer, int p) {
    return told.last.get(p).getOrDefault(producer, 0L);
  }

  private static void define(ServedTopic topic, int p, Random random, Told told) {
    String name = SampleBatches.name(random.nextInt(6), p, PARTITIONS);
    var sensor = SampleBatches.sensor(name, Kind.KIND_INTEGER);
    topic
        .partitions()
        .get(p)
        .offer(
            new PartitionRequest.Define(
                List.of(sensor),
                result -> {
                  if (result instanceof PartitionResult.Defined defined) {
                    defined.bindings().forEach(bound -> bind(told, bound));
                  }
                }));
  }

  private static void bind(Told told, DefinedSensor bound) {
    Integer before = told.ids.put(bound.name(), bound.id());
    assertThat(before).as("an id is for ever").isIn(null, bound.id());
  }

  private static void append(
      ServedTopic topic,
      int p,
      String producer,
      Random random,
      Told told,
      Map<String, List<TestProducerSession>> sessions) {
    List<TestProducerSession> open = sessions.getOrDefault(producer + p, List.of());
    ProducerSession session =
        open.isEmpty() || random.nextInt(4) == 0 ? null : open.get(random.nextInt(open.size()));
    long epoch = session == null ? 0 : session.epoch();
    long sequence = Math.max(1, last(told, producer, p) + random.nextInt(4) - 1);
    String name = SampleBatches.name(random.nextInt(6), p, PARTITIONS);
    topic
        .partitions()
        .get(p)
        .offer(
            new PartitionRequest.Append(
                session,
                producer,
                epoch,
                sequence,
                SampleBatches.named(name, random.nextInt()),
                result -> acked(result, told, producer, p, sequence)));
  }

  private static void acked(
      PartitionResult result, Told told, String producer, int p, long sequence) {
    if (result instanceof PartitionResult.Stored stored) {
      long last = last(told, producer, p);
      assertThat(sequence).isLessThanOrEqualTo(stored.duplicate() ? last : last + 1);
      told.last.get(p).merge(producer, sequence, Math::max);
      told.epochs.putIfAbsent(producer + p, 1L);
      stored.bindings().forEach(bound -> bind(told, bound));
    } else if (result instanceof PartitionResult.Rejected rejected) {
      // The rest of the round may be told only after this.
      assertThat(rejected.expectedSequence()).isGreaterThan(last(told, producer, p));
    }
  }

  private static void check(ServedTopic topic, TestTopics world, Told told) {
    Map<String, Integer> found = new HashMap<>();
    topic.sensors().page(0, 1_000).forEach(sensor -> found.put(sensor.name(), sensor.id()));
    assertThat(found).isEqualTo(told.ids);
    for (int p = 0; p < PARTITIONS; p++) {
      assertThat(topic.heads().get(p).offset()).isEqualTo(world.log(topic, p).endOffset());
      for (int i = 0; i < 3; i++) {
        String producer = "p" + i;
        List<Long> epoch = new ArrayList<>();
        topic.partitions().get(p).offer(new PartitionRequest.AskEpoch(producer, epoch::add));
        world.run();
        assertThat(epoch).containsExactly(present(told, producer, p));
        TestProducerSession probe =
            new TestProducerSession(topic.partitions().get(p), producer, epoch.get(0)).open();
        world.run();
        assertThat(probe.last()).isEqualTo(new PartitionResult.Opened(last(told, producer, p)));
        probe.leave();
        world.run();
      }
    }
  }
}
