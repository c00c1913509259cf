package dev.weir.bench.scenario;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.BenchProcess;
import dev.weir.bench.load.KeyValues;
import dev.weir.bench.measure.RoundSample;
import dev.weir.bench.measure.RunSettings;
import dev.weir.bench.peer.MissingPeer;
import dev.weir.bench.peer.Peer;
import dev.weir.bench.process.PublisherProcess;
import dev.weir.bench.process.SubscriberProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One entrant with its three processes up: server, publisher, subscriber. Owned by the runner's
 * thread.
 *
 * <p>A round lasts from the command to publish until the last reading was received and checked, so
 * nothing that was begun in it is counted elsewhere.
 */
final class SystemUnderTest implements AutoCloseable {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double MILLIS_PER_SECOND = 1e3;
  private static final double MICROS_PER_MILLI = 1e3;
  private static final String RATE = "readings_per_second";
  private static final Duration SLICE = Duration.ofSeconds(2);
  private static final double FASTER = 1.05;

  /** Compilers at work for less than so much of a slice are at rest. */
  private static final long REST_MILLIS = SLICE.toMillis() / 10;

  private static final int CALM_SLICES = 3;
  private static final double MILLION = 1e6;

  private static final List<String> PROCESSES = List.of("server", "publisher", "subscriber");

  private final ComparedSystem entrant;
  private final LoadShape load;
  private final StartedProcesses open = new StartedProcesses();
  private Peer server;
  private BenchProcess publisher;
  private BenchProcess subscriber;
  private long published;

  private SystemUnderTest(ComparedSystem entrant, LoadShape load) {
    this.entrant = entrant;
    this.load = load;
  }

  /** Starts everything, with no reading published. */
  static SystemUnderTest open(ComparedSystem entrant, LoadShape load, RunSettings setting)
      throws BenchFailure, InterruptedException, MissingPeer {
    return open(entrant, load, setting, ClientRoute.NONE);
  }

  /** The same with something between the clients and the server. */
  static SystemUnderTest open(
      ComparedSystem entrant, LoadShape load, RunSettings setting, ClientRoute detour)
      throws BenchFailure, InterruptedException, MissingPeer {
    SystemUnderTest rig = new SystemUnderTest(entrant, load);
    try {
      rig.start(setting, detour);
      return rig;
    } catch (BenchFailure | InterruptedException | MissingPeer | RuntimeException e) {
      rig.open.closeAfter(e, entrant.label());
      throw e;
    }
  }

  private void start(RunSettings setting, ClientRoute detour)
      throws BenchFailure, InterruptedException, MissingPeer {
    String label = entrant.label();
    server = open.add(entrant.serve(setting.launch(), setting.data().resolve(label)));
    KeyValues shared = load.shared().with(entrant.load()).with("system", entrant.system());
    KeyValues subscribing =
        shared
            .with("port", detour.subscriberPort(server.port()))
            .with("connections", load.subscribers());
    subscriber =
        open.add(
            setting.launch().start(label + "-subscriber", SubscriberProcess.class, subscribing));
    KeyValues publishing =
        shared
            .with(subscriber.answer())
            .with("port", detour.publisherPort(server.port()))
            .with("connections", load.publishers());
    publisher =
        open.add(setting.launch().start(label + "-publisher", PublisherProcess.class, publishing));
    publisher.answer();
  }

  /**
   * Load whose numbers nobody looks at, in slices, until several in a row were no faster than one
   * before them and had the compilers nearly at rest, or the time is over.
   */
  void warmUp(int secondsMax) throws BenchFailure, InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(secondsMax).toNanos();
    double best = 0;
    for (int calm = 0; calm < CALM_SLICES && System.nanoTime() < end; calm++) {
      long compiled = compileMillis();
      double reached = round(SLICE).numbers().get(RATE);
      if (compileMillis() - compiled > REST_MILLIS || reached > best * FASTER) {
        calm = -1;
      }
      best = Math.max(best, reached);
    }
  }

  /** One round. */
  RoundSample round(Duration window) throws BenchFailure, InterruptedException {
    boolean paced = load.rate() > 0;
    long[] cpuBefore = cpuMillis();
    if (paced) {
      subscriber.ask("begin");
    }
    long begin = System.nanoTime();
    String millis = String.valueOf(window.toMillis());
    KeyValues sent = publisher.ask(paced ? "pace " + millis + " " + load.rate() : "run " + millis);
    long total = sent.number("published");
    KeyValues got = subscriber.ask("expect " + total);
    double seconds = (System.nanoTime() - begin) / NANOS_PER_SECOND;
    long[] cpuAfter = cpuMillis();
    long readings = total - published;
    published = total;
    Map<String, Double> numbers = new LinkedHashMap<>();
    numbers.put(RATE, readings / seconds);
    numbers.put("deliveries_per_second", readings * load.subscribers() / seconds);
    double all = 0;
    for (int i = 0; i < PROCESSES.size(); i++) {
      double seconds1 = (cpuAfter[i] - cpuBefore[i]) / MILLIS_PER_SECOND;
      double perMillion = seconds1 * MILLION / Math.max(1, readings);
      numbers.put(PROCESSES.get(i) + "_cpu_seconds_per_million", perMillion);
      all += perMillion;
    }
    numbers.put("cpu_seconds_per_million", all);
    if (paced) {
      KeyValues latency = subscriber.ask("end");
      for (String percentile : List.of("p50", "p99", "p999")) {
        double micros = Double.parseDouble(latency.text(percentile + "_micros"));
        numbers.put(percentile + "_millis", micros / MICROS_PER_MILLI);
      }
    }
    return new RoundSample(numbers, problems(sent, got));
  }

  private List<String> problems(KeyValues sent, KeyValues got) {
    List<String> problems = new ArrayList<>();
    long total = sent.number("published");
    requireZero(problems, "readings without ack", total - sent.number("acknowledged"));
    requireZero(problems, "failures of the publisher", sent.number("failures"));
    requireZero(
        problems, "readings not delivered", total * load.subscribers() - got.number("delivered"));
    requireZero(problems, "wrong readings", got.number("wrong"));
    requireZero(problems, "failures of the subscriber", got.number("failures"));
    if (!sent.text("drained").equals("true")) {
      problems.add("the publisher did not drain");
    }
    return List.copyOf(problems);
  }

  private static void requireZero(List<String> problems, String what, long count) {
    if (count != 0) {
      problems.add(what + ": " + count);
    }
  }

  /** Returns the compile time of the three processes together. */
  private long compileMillis() throws BenchFailure, InterruptedException {
    return server.compileMillis()
        + publisher.mark().compileMillis()
        + subscriber.mark().compileMillis();
  }

  /** Returns the CPU time of each of the three processes. */
  private long[] cpuMillis() throws BenchFailure, InterruptedException {
    return new long[] {
      server.cpuMillis(), publisher.mark().cpuMillis(), subscriber.mark().cpuMillis()
    };
  }

  /** Readings published so far, all of which were received. */
  long published() {
    return published;
  }

  ComparedSystem entrant() {
    return entrant;
  }

  @Override
  public void close() throws BenchFailure {
    open.close(entrant.label());
  }
}
