package dev.weir.bench.scenario;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.BenchProcess;
import dev.weir.bench.LaunchOptions;
import dev.weir.bench.load.KeyValues;
import dev.weir.bench.measure.ContenderInfo;
import dev.weir.bench.measure.RoundSample;
import dev.weir.bench.measure.RunSettings;
import dev.weir.bench.measure.ScenarioRun;
import dev.weir.bench.peer.MissingPeer;
import dev.weir.bench.peer.NatsPeer;
import dev.weir.bench.peer.Peer;
import dev.weir.bench.process.IdleNatsProcess;
import dev.weir.bench.process.IdleWeirProcess;
import dev.weir.bench.process.WeirServerProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures what idle subscriptions cost the server that has them. Every round has a fresh server,
 * because what a process once took of main memory it seldom gives back. Owned by the runner's
 * thread.
 *
 * <p>Before the first measure, some subscriptions come, get a reading and go, so that classes,
 * threads and pools are there. What the others add is divided by their number. At the end one
 * reading is published and every subscription must get it.
 */
final class MemoryRun implements ScenarioRun {
  /** The same for all; the collector grows and shrinks the heap in this bound. */
  static final List<String> JVM = List.of("-Xmx2g");

  private static final String RESIDENT = "resident_bytes";
  private static final int SESSION_MAX = 100_000;

  private final Map<ContenderInfo, MemoryCase> cases = new LinkedHashMap<>();
  private final Map<String, String> missing = new LinkedHashMap<>();
  private final RunSettings setting;
  private final LaunchOptions launch;
  private int rounds;

  MemoryRun(RunSettings setting) {
    this.setting = setting;
    this.launch =
        new LaunchOptions(
            JVM, setting.launch().recordings(), "subscriptions_per_session_max:" + SESSION_MAX);
  }

  /** Records that a contender cannot take part. */
  void leaveOut(String name, String reason) {
    missing.put(name, reason);
  }

  /** Takes a case in, if its system can be had. */
  void add(MemoryCase one) {
    if (!setting.admits(one.name())) {
      missing.put(one.name(), "left out by --entrants");
      return;
    }
    try {
      cases.put(one.contender(), one);
    } catch (MissingPeer e) {
      missing.put(one.name(), e.getMessage());
    }
  }

  @Override
  public List<ContenderInfo> contenders() {
    return List.copyOf(cases.keySet());
  }

  @Override
  public Map<String, String> missing() {
    return missing;
  }

  @Override
  public RoundSample measure(ContenderInfo contender) throws BenchFailure, InterruptedException {
    MemoryCase one = cases.get(contender);
    String round = one.name() + "-" + rounds++;
    Path data = setting.data().resolve(round);
    try {
      return one.nats() ? measureNats(one, round, data) : measureWeir(one, round, data);
    } catch (MissingPeer e) {
      throw new BenchFailure(one.name() + " is not there any more", e);
    }
  }

  private RoundSample measureWeir(MemoryCase one, String round, Path data)
      throws BenchFailure, InterruptedException {
    KeyValues serving = KeyValues.none().with("data", data).with("limits", launch.limits());
    try (BenchProcess server = launch.start(round + "-server", WeirServerProcess.class, serving)) {
      KeyValues arguments = one.arguments(server.answer().count("port"));
      try (BenchProcess client = launch.start(round, IdleWeirProcess.class, arguments)) {
        client.answer();
        client.ask("warm");
        KeyValues before = server.ask("memory");
        client.ask("open");
        KeyValues after = server.ask("memory");
        Map<String, Double> numbers = new LinkedHashMap<>();
        for (String what : List.of("heap_bytes", "direct_bytes", RESIDENT)) {
          numbers.put(what, (double) (after.number(what) - before.number(what)) / one.total());
        }
        double uncollected = after.number("resident_bytes_before") - before.number(RESIDENT);
        numbers.put("resident_bytes_before_gc", uncollected / one.total());
        return new RoundSample(numbers, problems(client.ask("publish")));
      }
    }
  }

  private RoundSample measureNats(MemoryCase one, String round, Path data)
      throws BenchFailure, InterruptedException, MissingPeer {
    try (Peer server = NatsPeer.core(data);
        BenchProcess client =
            launch.start(round, IdleNatsProcess.class, one.arguments(server.port()))) {
      client.answer();
      client.ask("warm");
      long before = server.residentBytes();
      client.ask("open");
      double each = (double) (server.residentBytes() - before) / one.total();
      return new RoundSample(Map.of(RESIDENT, each), problems(client.ask("publish")));
    }
  }

  private static List<String> problems(KeyValues published) {
    List<String> problems = new ArrayList<>();
    if (published.number("delivered") != published.number("expected")) {
      problems.add("of one reading came " + published);
    }
    if (!published.text("problem").isEmpty()) {
      problems.add(published.text("problem"));
    }
    return problems;
  }

  @Override
  public void close() {}
}
