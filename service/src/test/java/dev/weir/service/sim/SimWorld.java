package dev.weir.service.sim;

import com.google.protobuf.Timestamp;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.log.DataLossException;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.topic.TestTopics;
import dev.weir.v1.Kind;
import dev.weir.v1.Sensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A disk, the server processes that follow each other on it, and their clients, on virtual time.
 * What happens depends on the seed alone. Owned by one thread.
 */
final class SimWorld {
  /** Sensors of each partition. */
  static final int SENSORS = 4;

  /** Values are so high at most. */
  static final int HEIGHTS = 8;

  private static final long EVENT_NANOS = 1_000_000L;
  private static final long START_NANOS_MAX = 60_000_000L;

  final VirtualSchedule schedule;
  final InvariantLedger book;
  final NamedCounts tally = new NamedCounts();
  final InjectedDefects broken;
  final SimDisk disk;
  final SimTrace trace;
  private final SimPlan plan;
  private final TaskQueue line;
  private final List<List<String>> names = new ArrayList<>();
  private final List<Sensor> sensors = new ArrayList<>();
  private final List<SimClient> clients = new ArrayList<>();
  private final SimServerSettings setup;
  private SimServer server;
  private boolean created;
  private boolean starting;
  private long skewNanos;

  SimWorld(long seed, InjectedDefects broken, SimTrace trace, SimPlan.Kind kind) {
    Random random = new Random(seed * 0x9E3779B97F4A7C15L + 1);
    this.schedule = new VirtualSchedule(random);
    this.broken = broken;
    this.trace = trace;
    this.plan = new SimPlan(random, kind);
    this.disk = new SimDisk(random, tally);
    this.line = schedule.line("world", 1);
    this.book = new InvariantLedger(plan.partitions(), plan.settings().maxBytes() > 0);
    this.setup = plan.setup(this::clockNanos);
    if (!broken.syncs()) {
      disk.withoutSyncs();
    }
    for (int p = 0; p < plan.partitions(); p++) {
      names.add(new ArrayList<>());
      for (int n = 0; n < SENSORS; n++) {
        String name = SampleBatches.name(n, p, plan.partitions());
        names.get(p).add(name);
        sensors.add(SampleBatches.sensor(name, Kind.KIND_INTEGER));
      }
    }
  }

  // ---- what clients ask

  Random random() {
    return schedule.random;
  }

  /** A random number below a bound. */
  long below(long bound) {
    return (long) (schedule.random.nextDouble() * bound);
  }

  SimPlan plan() {
    return plan;
  }

  int partitions() {
    return plan.partitions();
  }

  /** The n-th sensor of a partition. */
  String sensor(int partition, int n) {
    return names.get(partition).get(n);
  }

  List<Sensor> sensors() {
    return sensors;
  }

  /** When the readings of a batch were taken, the first of them: often long before it was sent. */
  long eventNanos(SentBatch sent) {
    return TestTopics.START_NANOS + (sent.id * 7_919) % EVENT_NANOS;
  }

  Timestamp eventTime(SentBatch sent, int reading) {
    long nanos = eventNanos(sent) + reading;
    return Timestamp.newBuilder()
        .setSeconds(nanos / 1_000_000_000L)
        .setNanos((int) (nanos % 1_000_000_000L))
        .build();
  }

  private long clockNanos() {
    return TestTopics.START_NANOS + 1_000_000_000L + schedule.nowNanos() + skewNanos;
  }

  /** The server that runs; null for none. */
  SimServer server() {
    return server;
  }

  /** Where the log of a partition begins now. */
  long startOffset(int partition) {
    if (server != null) {
      server.lookAtRetention();
    }
    return book.partition(partition).startOffset();
  }

  void trace(String what, Object who, Object which) {
    trace.add(schedule.nowNanos(), what, who, which);
  }

  /** A producer's process ended because there is a newer one, or its own ghost was newer. */
  void stopped(SimProducer producer) {
    tally.add("producers stopped");
    trace("stopped", producer, null);
  }

  // ---- what happens to them

  List<SimClient> clients() {
    return clients;
  }

  void join(SimClient client) {
    clients.add(client);
    client.connect();
  }

  /** The clock of the machine jumps. */
  void jump(long toSkewNanos) {
    tally.add("clock jumps");
    trace("clock jumps", toSkewNanos / 1_000_000_000L, "s");
    skewNanos = toSkewNanos;
  }

  /** Makes the topic, before anything fails. */
  void create() {
    start();
    server.create(plan.settings());
    created = true;
  }

  /** Starts a process, if none runs. */
  void start() {
    starting = false;
    if (server != null) {
      return;
    }
    try {
      server = new SimServer(setup, schedule, disk, book, broken);
      tally.add("starts");
      if (created && server.topic() == null) {
        book.fail("the disk has lost the topic");
      }
      trace("started", "server", null);
    } catch (IOException | RuntimeException failed) {
      boolean defect = failed instanceof DataLossException || failed instanceof RuntimeException;
      if (defect && !disk.dead()) {
        book.fail("a server cannot start: %s", SimTrace.stack(failed));
      }
      tally.add(disk.dead() ? "deaths while starting" : "starts failed");
      trace("start fails", "server", failed);
      end(plan.powerFails && disk.dead() && random().nextBoolean());
      startLater();
    }
  }

  /** The process or the machine is to die soon, in the middle of something. */
  void dieSoon() {
    disk.dieIn(1 + random().nextInt(60));
  }

  private void end(boolean powerCut) {
    if (powerCut) {
      disk.powerCut();
    } else {
      disk.kill();
    }
  }

  /** Starts a process after a while. */
  void startLater() {
    if (!starting) {
      starting = true;
      schedule.after(1 + below(START_NANOS_MAX), line, this::start);
    }
  }

  /** The process dies, or the whole machine. */
  void kill(boolean powerCut) {
    if (server == null) {
      return;
    }
    tally.add(powerCut ? "power cuts" : "kills");
    trace(powerCut ? "power cut" : "kill", "server", null);
    server.kill();
    end(powerCut);
    gone();
  }

  private void gone() {
    server = null;
    for (SimClient client : clients) {
      if (client.call != null) {
        client.call.lost();
      }
    }
    startLater();
  }

  /** The process stops in order. */
  void stop() {
    if (server == null) {
      return;
    }
    tally.add("stops");
    trace("stop", "server", null);
    Fault fault = Fault.of(ErrorCode.SHUTTING_DOWN, "the server is stopping");
    for (SimClient client : clients) {
      if (client.call != null) {
        client.call.end(fault);
      }
    }
    try {
      server.close();
    } catch (IOException failed) {
      trace("stop fails", "server", failed);
    }
    disk.kill();
    gone();
  }

  /** One task; false if nothing is left to do, ever. */
  boolean step() {
    boolean any = true;
    try {
      any = schedule.step();
    } catch (RuntimeException | Error defect) {
      if (!disk.dead()) {
        book.fail("a task failed: %s", SimTrace.stack(defect));
      }
    }
    if (disk.dead()) {
      tally.add("deaths in the middle of a task");
      kill(plan.powerFails && (!plan.processDies || random().nextBoolean()));
    }
    return any;
  }

  TaskQueue line() {
    return line;
  }
}
