package dev.weir.service.partition;

import dev.weir.service.config.Limits;
import dev.weir.service.log.LogEngine;
import dev.weir.service.log.PartitionId;
import dev.weir.service.tail.TailBudget;
import dev.weir.service.telemetry.Meters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Random;

/** The topics of a process that runs when the test says so. Owned by one test. */
public final class TestTopics {
  public static final long START_NANOS = 1_700_000_000_000_000_000L;

  public final FakeEngine engine;
  public final Tasks writer = new Tasks();
  public final Tasks background = new Tasks();
  private final LogEngine real;
  private final Limits limits;
  private final long tailBytes;
  private final Random random = new Random(7);
  private Topics topics;
  private long nowNanos = START_NANOS;

  /** Topics over a fake engine. */
  public TestTopics(Limits limits, long tailBytes) {
    this(null, new FakeEngine(), limits, tailBytes);
  }

  /** Topics over another engine, and no fake one. */
  public TestTopics(LogEngine real, Limits limits) {
    this(real, null, limits, 1 << 24);
  }

  private TestTopics(LogEngine real, FakeEngine fake, Limits limits, long tailBytes) {
    this.real = real == null ? fake : real;
    this.engine = fake;
    this.limits = limits;
    this.tailBytes = tailBytes;
    open();
  }

  private void open() {
    try {
      topics =
          Topics.open(
              real,
              limits,
              n -> new Partition.Setting(limits, writer, background, this::nowNanos, Meters.NONE),
              random,
              new TailBudget(tailBytes));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  public Topics topics() {
    return topics;
  }

  public long nowNanos() {
    return nowNanos;
  }

  /** Moves the wall clock, perhaps back. */
  public void moveClock(long nanos) {
    nowNanos += nanos;
  }

  /** The topic of a name, created where it is missing. */
  public Topic topic(String name, int partitions) {
    Topic found = topics.find(name);
    return found == null ? topics.create(name, partitions, Map.of(), "") : found;
  }

  /** The fake log of a partition. */
  public FakeLog log(Topic topic, int partition) {
    return engine.log(topic.info().partition(partition));
  }

  /** The fake log of the system partition. */
  public FakeLog systemLog() {
    return engine.log(PartitionId.SYSTEM);
  }

  /** Runs writers and background tasks until nothing is left. Returns whether there was any. */
  public boolean run() {
    boolean any = false;
    while (writer.runOne() || background.runOne()) {
      any = true;
    }
    return any;
  }

  /** Stops in order: every partition writes its checkpoint. */
  public void stop() {
    for (Topic topic : topics.all()) {
      topic.partitions().forEach(Partition::close);
    }
    run();
    try {
      topics.close();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** Another process on what is stored, whether or not this one was stopped. */
  public void restart() {
    writer.clear();
    background.clear();
    if (engine != null) {
      engine.restart();
    }
    open();
  }
}
