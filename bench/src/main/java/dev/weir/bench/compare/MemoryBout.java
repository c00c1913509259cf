package dev.weir.bench.compare;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.ChildProcess;
import dev.weir.bench.Launch;
import dev.weir.bench.load.Fields;
import dev.weir.bench.load.IdleNatsProcess;
import dev.weir.bench.load.IdleWeirProcess;
import dev.weir.bench.load.ServerProcess;
import dev.weir.bench.peer.MissingPeer;
import dev.weir.bench.peer.NatsPeer;
import dev.weir.bench.peer.Peer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
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
final class MemoryBout implements Bout {
  /** The same for all; the collector grows and shrinks the heap in this bound. */
  static final List<String> JVM = List.of("-Xmx2g");

  private static final String RESIDENT = "resident_bytes";
  private static final int SESSION_MAX = 100_000;

  private final Map<String, MemoryCase> cases = new HashMap<>();
  private final List<Contender> contenders = new ArrayList<>();
  private final Map<String, String> missing = new LinkedHashMap<>();
  private final Setting setting;
  private final Launch launch;
  private int rounds;

  MemoryBout(Setting setting) {
    this.setting = setting;
    this.launch =
        new Launch(
            JVM, setting.launch().recordings(), "subscriptions_per_session_max:" + SESSION_MAX);
  }

  /** Says that somebody cannot take part. */
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
      Contender contender = one.contender();
      contenders.add(contender);
      cases.put(contender.name(), one);
    } catch (MissingPeer e) {
      missing.put(one.name(), e.getMessage());
    }
  }

  @Override
  public List<Contender> contenders() {
    return contenders;
  }

  @Override
  public Map<String, String> missing() {
    return missing;
  }

  @Override
  public Sample measure(Contender contender) throws BenchFailure, InterruptedException {
    MemoryCase one = cases.get(contender.name());
    String round = one.name() + "-" + rounds++;
    Path data = setting.data().resolve(round);
    try {
      return one.nats() ? measureNats(one, round, data) : measureWeir(one, round, data);
    } catch (MissingPeer e) {
      throw new BenchFailure(one.name() + " is not there any more", e);
    }
  }

  private Sample measureWeir(MemoryCase one, String round, Path data)
      throws BenchFailure, InterruptedException {
    Fields serving = Fields.none().with("data", data).with("limits", launch.limits());
    try (ChildProcess server = launch.start(round + "-server", ServerProcess.class, serving)) {
      Fields arguments = one.arguments(server.answer().count("port"));
      try (ChildProcess client = launch.start(round, IdleWeirProcess.class, arguments)) {
        client.answer();
        client.ask("warm");
        Fields before = server.ask("memory");
        client.ask("open");
        Fields after = server.ask("memory");
        Map<String, Double> numbers = new LinkedHashMap<>();
        for (String what : List.of("heap_bytes", "direct_bytes", RESIDENT)) {
          numbers.put(what, (double) (after.number(what) - before.number(what)) / one.total());
        }
        double uncollected = after.number("resident_bytes_before") - before.number(RESIDENT);
        numbers.put("resident_bytes_before_gc", uncollected / one.total());
        return new Sample(numbers, problems(client.ask("publish")));
      }
    }
  }

  private Sample measureNats(MemoryCase one, String round, Path data)
      throws BenchFailure, InterruptedException, MissingPeer {
    try (Peer server = NatsPeer.core(data);
        ChildProcess client =
            launch.start(round, IdleNatsProcess.class, one.arguments(server.port()))) {
      client.answer();
      client.ask("warm");
      long before = server.residentBytes();
      client.ask("open");
      double each = (double) (server.residentBytes() - before) / one.total();
      return new Sample(Map.of(RESIDENT, each), problems(client.ask("publish")));
    }
  }

  private static List<String> problems(Fields published) {
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
