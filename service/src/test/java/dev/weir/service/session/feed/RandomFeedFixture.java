package dev.weir.service.session.feed;

import com.google.protobuf.util.Timestamps;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.Slice;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.partition.FakeLog;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.TestServerContext;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.topic.TestTopics;
import dev.weir.service.wire.names.Partitioner;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Kind;
import dev.weir.v1.Reading;
import dev.weir.v1.Sensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** A topic with a random history, and what feeds of it need. Owned by one test. */
final class RandomFeedFixture {
  /** Sensors of each partition; even ones are integers, odd ones texts. */
  static final int SENSORS = 6;

  /** Event times lie so far behind the first one at most. */
  static final long EVENT_NANOS = 1_000;

  /** Values of the label "unit", which every sensor has. */
  static final List<String> UNITS = List.of("bar", "kelvin");

  /** Value of the label "stage", which some sensors have. */
  static final String STAGE = "hot";

  private static final String TEXT = "t";

  /** Integers are unique, and random multiples of it but for that. */
  static final long NUMBERS_STEP = 1_000_000;

  /** The last two of each partition appear only when the history is over. */
  private static final int OLD_SENSORS = 4;

  private static final int VIEW_RECORDS = 8;

  /**
   * One stored reading.
   *
   * @param offset of its record
   * @param row in the record
   * @param sensor its sensor's id
   * @param timeNanos its event time
   * @param appendNanos when it was stored
   * @param value unique
   */
  record Cell(long offset, int row, int sensor, long timeNanos, long appendNanos, String value) {
    boolean isText() {
      return value.startsWith(TEXT);
    }
  }

  final int partitions;
  final List<Set<Long>> damaged = new ArrayList<>();
  TestServerContext context;
  ServedTopic topic;
  private final Random random;
  private final List<List<String>> names = new ArrayList<>();
  private final Map<String, Map<String, String>> labels = new HashMap<>();
  private final List<List<Cell>> cells = new ArrayList<>();
  private final int[] parsed;
  private final long[] folded;
  private long values;
  private boolean historyOver;

  RandomFeedFixture(Random random, int partitions, long tailBytes) {
    this.random = random;
    this.partitions = partitions;
    this.parsed = new int[partitions];
    this.folded = new long[partitions];
    Limits limits = Limits.defaults().with(Limit.TAIL_RECORDS_MAX, 16);
    this.context = new TestServerContext(limits, tailBytes, VIEW_RECORDS);
    this.topic = context.topic("t", partitions);
    nameSensors();
    for (int p = 0; p < partitions; p++) {
      damaged.add(new TreeSet<>());
      cells.add(new ArrayList<>());
      List<Sensor> sensors = new ArrayList<>();
      for (int n = 0; n < OLD_SENSORS; n++) {
        sensors.add(sensor(p, n));
      }
      offer(p, new PartitionRequest.Define(sensors, result -> {}));
    }
    context.world.run();
  }

  private void nameSensors() {
    for (int p = 0; p < partitions; p++) {
      names.add(new ArrayList<>());
    }
    for (int i = 0; names.stream().anyMatch(some -> some.size() < SENSORS); i++) {
      String name = "site" + i % 2 + "/line" + i / 2 % 3 + "/s" + i;
      String unit = UNITS.get(i / 3 % 2);
      names.get(Partitioner.partition(name, partitions)).add(name);
      labels.put(name, i % 3 == 0 ? Map.of("unit", unit, "stage", STAGE) : Map.of("unit", unit));
    }
  }

  /** The n-th sensor of a partition. */
  String name(int partition, int n) {
    return names.get(partition).get(n);
  }

  /** The labels of a sensor that has readings. */
  Map<String, String> labels(String name) {
    return labels.get(name);
  }

  private Sensor sensor(int partition, int n) {
    String name = name(partition, n);
    Sensor plain = SampleBatches.sensor(name, kind(n));
    return plain.toBuilder().putAllLabels(labels(name)).build();
  }

  private static Kind kind(int n) {
    return n % 2 == 0 ? Kind.KIND_INTEGER : Kind.KIND_TEXT;
  }

  private void offer(int partition, PartitionRequest request) {
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
      folded[p] = log(p).checkpoint().map(Checkpoint::offset).orElse(0L);
      for (long offset = 1; offset < log(p).endOffset(); offset++) {
        if (random.nextInt(10) == 0) {
          damaged.get(p).add(offset);
          log(p).damage(offset);
        }
      }
    }
    restart();
    historyOver = true;
  }

  private void restart() {
    context.world.restart();
    context = new TestServerContext(context);
    topic = context.topic("t", partitions);
  }

  FakeLog log(int partition) {
    return context.world.log(topic, partition);
  }

  long nowNanos() {
    return context.world.nowNanos();
  }

  /** Moves all clocks. */
  void moveClock(long nanos) {
    context.world.moveClock(nanos);
    context.loop.advance(nanos);
  }

  /** Moves all clocks to the next timer; false if there is none. */
  boolean advanceToTimer() {
    long before = context.loop.nowNanos();
    boolean any = context.loop.advanceToTimer();
    context.world.moveClock(context.loop.nowNanos() - before);
    return any;
  }

  /** Stores one more record somewhere. */
  void append() {
    int p = random.nextInt(partitions);
    if (random.nextInt(8) == 0) {
      String name = "only/defined/" + values++;
      int own = Partitioner.partition(name, partitions);
      var sensors = List.of(SampleBatches.sensor(name, Kind.KIND_BLOB));
      offer(own, new PartitionRequest.Define(sensors, result -> {}));
    } else {
      Batch.Builder batch = Batch.newBuilder();
      Set<Integer> late = new TreeSet<>();
      for (int left = 1 + random.nextInt(8); left > 0; left--) {
        int n = random.nextInt(historyOver ? SENSORS : OLD_SENSORS);
        batch.addRows(reading(p, n));
        if (n >= OLD_SENSORS && late.add(n)) {
          batch.addSensors(sensor(p, n));
        }
      }
      var payload = SampleBatches.named(batch.build(), TestTopics.START_NANOS);
      offer(p, new PartitionRequest.Append(null, "", 0, 0, payload, result -> {}));
    }
    moveClock(random.nextInt(3));
    if (random.nextBoolean()) {
      context.world.run();
    }
  }

  private Reading.Builder reading(int partition, int n) {
    Reading.Builder reading = Reading.newBuilder().setSensor(name(partition, n));
    if (random.nextInt(4) > 0) {
      long behind = random.nextInt((int) EVENT_NANOS);
      reading.setTime(Timestamps.fromNanos(TestTopics.START_NANOS + behind));
    }
    long value = values++;
    int most = random.nextInt(6) == 0 ? 5_000 : 900;
    String padding = random.nextInt(8) == 0 ? "t".repeat(1 + random.nextInt(most)) : "";
    long number = random.nextInt(100) * NUMBERS_STEP + value;
    return n % 2 == 0 ? reading.setInteger(number) : reading.setText(TEXT + value + padding);
  }

  /** Retention takes the oldest records of a partition. */
  void expire() throws IOException {
    int p = random.nextInt(partitions);
    context.world.run(); // what it takes is folded
    FakeLog log = log(p);
    List<LogRecord> records = log.records();
    long epoch = records.get(records.size() - 1).epoch();
    log.checkpoint(new Checkpoint(epoch, log.endOffset(), log.endReadings(), Slice.EMPTY));
    int left = (int) (log.endOffset() - log.startOffset());
    LogRecord oldest = records.get((int) log.startOffset() + random.nextInt(left));
    log.retain(new PartitionLog.Retention(oldest.appendTimeNanos(), Long.MAX_VALUE));
  }

  /** What a partition holds or held, as the generated parser reads it. */
  List<Cell> cells(int partition) {
    List<LogRecord> records = log(partition).records();
    List<Cell> known = cells.get(partition);
    for (; parsed[partition] < records.size(); parsed[partition]++) {
      LogRecord record = records.get(parsed[partition]);
      known.addAll(cells(parse(record), record.offset(), record.appendTimeNanos()));
    }
    return known;
  }

  private static Batch parse(LogRecord record) {
    try {
      byte[] bytes = new byte[record.batch().length()];
      System.arraycopy(record.batch().array(), record.batch().offset(), bytes, 0, bytes.length);
      return Batch.parseFrom(bytes);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /** The readings of a canonical batch. */
  static List<Cell> cells(Batch batch, long offset, long appendNanos) {
    List<Cell> cells = new ArrayList<>();
    for (Columns columns : batch.getColumnsList()) {
      for (int i = 0; i < columns.getCount(); i++) {
        int sensor = columns.getSensorIds(columns.getSensorIdsCount() == 1 ? 0 : i);
        String value =
            columns.getIntegersCount() > 0 ? "v" + columns.getIntegers(i) : columns.getTexts(i);
        long time = timeNanos(columns, i);
        cells.add(new Cell(offset, cells.size(), sensor, time, appendNanos, value));
      }
    }
    return cells;
  }

  private static long timeNanos(Columns columns, int index) {
    long unit = columns.getTimeUnit() == 0 ? 1 : columns.getTimeUnit();
    long offset = columns.getTimeOffsetsCount() == 0 ? 0 : columns.getTimeOffsets(index);
    return columns.getTimeBase() + index * columns.getTimeStep() + offset * unit;
  }

  boolean isDamaged(int partition, Cell cell) {
    return damaged.get(partition).contains(cell.offset());
  }

  /** Returns whether a reading can be read now. */
  boolean isReadable(int partition, Cell cell) {
    return cell.offset() >= log(partition).startOffset() && !isDamaged(partition, cell);
  }

  /**
   * Returns whether a position is inside of damage, where readings cannot be counted one by one.
   */
  boolean isInDamage(int partition, Position position) {
    Set<Long> offsets = damaged.get(partition);
    return offsets.contains(position.offset() - 1) && offsets.contains(position.offset());
  }

  /** Of each sensor the greatest event time, as of a position, by id. */
  Map<Integer, Cell> lastValues(int partition, long endOffset) {
    Map<Integer, Cell> last = new HashMap<>();
    for (Cell cell : cells(partition)) {
      boolean known = cell.offset() < folded[partition] || !isDamaged(partition, cell);
      if (cell.offset() < endOffset && known) {
        last.merge(
            cell.sensor(), cell, (old, now) -> now.timeNanos() >= old.timeNanos() ? now : old);
      }
    }
    return last;
  }

  int openReaders() {
    return context.openReaders(topic);
  }
}
