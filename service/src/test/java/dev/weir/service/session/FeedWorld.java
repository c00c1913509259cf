package dev.weir.service.session;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.credit.Credit;
import dev.weir.service.fanout.Fanout;
import dev.weir.service.log.LogRecord;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.Request;
import dev.weir.service.partition.Tasks;
import dev.weir.service.partition.TestBatches;
import dev.weir.service.partition.TestLoop;
import dev.weir.service.partition.TestTopics;
import dev.weir.service.partition.Topic;
import dev.weir.service.wire.Partitioner;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Kind;
import dev.weir.v1.Reading;
import dev.weir.v1.Sensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** A topic with a random history, and what feeds of it need. Owned by one test. */
final class FeedWorld {
  /** Sensors of each partition; even ones are integers, odd ones texts. */
  static final int SENSORS = 6;

  /** The last two of each partition appear only when the history is over. */
  private static final int OLD_SENSORS = 4;

  /**
   * One stored reading.
   *
   * @param offset of its record
   * @param row in the record
   * @param sensor its sensor's id
   * @param value unique
   */
  record Cell(long offset, int row, int sensor, String value) {}

  final TestTopics world;
  final TestLoop loop = new TestLoop();
  final Tasks catchUp = new Tasks();
  final Fanout fanout = new Fanout();
  final Feeds feeds = new Feeds();
  final int partitions;
  final List<Set<Long>> damaged = new ArrayList<>();
  Topic topic;
  private final Random random;
  private long values;
  private boolean historyOver;

  FeedWorld(Random random, int partitions, long tailBytes) {
    this.random = random;
    this.partitions = partitions;
    Limits limits = Limits.defaults().with(Limit.TAIL_RECORDS_MAX, 16);
    this.world = new TestTopics(limits, tailBytes);
    this.topic = world.topic("t", partitions);
    for (int p = 0; p < partitions; p++) {
      damaged.add(new TreeSet<>());
      List<Sensor> sensors = new ArrayList<>();
      for (int n = 0; n < OLD_SENSORS; n++) {
        sensors.add(TestBatches.sensor(name(p, n), kind(n)));
      }
      offer(p, new Request.Define(sensors, result -> {}));
    }
    world.run();
  }

  String name(int partition, int n) {
    return TestBatches.name(n, partition, partitions);
  }

  private static Kind kind(int n) {
    return n % 2 == 0 ? Kind.KIND_INTEGER : Kind.KIND_TEXT;
  }

  private void offer(int partition, Request request) {
    if (!topic.partitions().get(partition).offer(request)) {
      throw new AssertionError("not taken");
    }
  }

  /** Records, other starts of the server, and damage. */
  void history(int records) {
    for (int i = 0; i < records; i++) {
      append();
      if (random.nextInt(12) == 0) {
        restart();
      }
    }
    for (int p = 0; p < partitions; p++) {
      for (long offset = 1; offset < world.log(topic, p).endOffset(); offset++) {
        if (random.nextInt(10) == 0) {
          damaged.get(p).add(offset);
          world.log(topic, p).damage(offset);
        }
      }
    }
    restart();
    historyOver = true;
  }

  private void restart() {
    world.restart();
    topic = world.topic("t", partitions);
  }

  /** Stores one more record somewhere. */
  void append() {
    int p = random.nextInt(partitions);
    if (random.nextInt(8) == 0) {
      String name = "only/defined/" + values++;
      int own = Partitioner.partition(name, partitions);
      var sensors = List.of(TestBatches.sensor(name, Kind.KIND_BLOB));
      offer(own, new Request.Define(sensors, result -> {}));
    } else {
      Batch.Builder batch = Batch.newBuilder();
      for (int left = 1 + random.nextInt(8); left > 0; left--) {
        int n = random.nextInt(historyOver ? SENSORS : OLD_SENSORS);
        Reading.Builder reading = Reading.newBuilder().setSensor(name(p, n));
        long value = values++;
        batch.addRows(n % 2 == 0 ? reading.setInteger(value) : reading.setText("v" + value));
      }
      var payload = TestBatches.named(batch.build(), world.nowNanos() + values);
      offer(p, new Request.Append(null, "", 0, 0, payload, result -> {}));
    }
    world.moveClock(random.nextInt(3));
    if (random.nextBoolean()) {
      world.run();
    }
  }

  /** What a partition holds, as the generated parser reads it. */
  List<Cell> cells(int partition) {
    List<Cell> cells = new ArrayList<>();
    for (LogRecord record : world.log(topic, partition).records()) {
      cells.addAll(cells(record));
    }
    return cells;
  }

  private static List<Cell> cells(LogRecord record) {
    try {
      byte[] bytes = new byte[record.batch().length()];
      System.arraycopy(record.batch().array(), record.batch().offset(), bytes, 0, bytes.length);
      return cells(Batch.parseFrom(bytes), record.offset());
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /** The readings of a canonical batch. */
  static List<Cell> cells(Batch batch, long offset) {
    List<Cell> cells = new ArrayList<>();
    for (Columns columns : batch.getColumnsList()) {
      for (int i = 0; i < columns.getCount(); i++) {
        int sensor = columns.getSensorIds(columns.getSensorIdsCount() == 1 ? 0 : i);
        String value =
            columns.getIntegersCount() > 0 ? "v" + columns.getIntegers(i) : columns.getTexts(i);
        cells.add(new Cell(offset, cells.size(), sensor, value));
      }
    }
    return cells;
  }

  boolean isDamaged(int partition, Cell cell) {
    return damaged.get(partition).contains(cell.offset());
  }

  Feed.Setting setting(int bytesMax, Runnable runnable) {
    var control = new Control(catchUp, Duration.ofMillis(1));
    return new Feed.Setting(loop, fanout, control, feeds, bytesMax, runnable);
  }

  Feed feed(Feed.Order order, int bytesMax, Credit credit, Runnable runnable) {
    return new Feed(setting(bytesMax, runnable), order, credit);
  }

  int openReaders() {
    int open = 0;
    for (Partition partition : topic.partitions()) {
      open += world.log(topic, partition.number()).openReaders();
    }
    return open;
  }
}
