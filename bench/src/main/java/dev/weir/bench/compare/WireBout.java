package dev.weir.bench.compare;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.Relay;
import dev.weir.bench.peer.MissingPeer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Rigs of Weir whose clients talk through relays that count. Owned by the runner's thread. */
final class WireBout implements Bout {
  private static final int COMPLETE = 2;

  private final Setting setting;
  private final Map<Contender, Counted> counted = new LinkedHashMap<>();

  WireBout(Setting setting) {
    this.setting = setting;
  }

  void add(String name, String settings, Load load)
      throws BenchFailure, InterruptedException, MissingPeer {
    Contender weir = Entrant.WEIR_MEMORY.contender();
    Counted one = new Counted();
    Setting apart = setting.below(name);
    one.rig = Rig.open(Entrant.WEIR_MEMORY, load, apart, one);
    counted.put(new Contender(name, weir.version(), weir.durability(), settings), one);
    one.rig.warmUp(1);
  }

  void closeUnlessComplete() throws BenchFailure {
    if (counted.size() < COMPLETE) {
      close();
    }
  }

  @Override
  public List<Contender> contenders() {
    return List.copyOf(counted.keySet());
  }

  @Override
  public Map<String, String> missing() {
    return Map.of();
  }

  @Override
  public Sample measure(Contender contender) throws BenchFailure, InterruptedException {
    Counted one = counted.get(contender);
    long readingsBefore = one.rig.published();
    long publishingBefore = bytes(one.publishing);
    long subscribingBefore = bytes(one.subscribing);
    Sample sample = one.rig.round(Duration.ofSeconds(setting.windowSeconds()));
    double readings = one.rig.published() - readingsBefore;
    double publisher = (bytes(one.publishing) - publishingBefore) / readings;
    double subscriber = (bytes(one.subscribing) - subscribingBefore) / readings;
    return new Sample(
        Map.of(
            "publisher_bytes_per_double",
            publisher,
            "subscriber_bytes_per_double",
            subscriber,
            WireBytes.NUMBER,
            Math.max(publisher, subscriber)),
        sample.problems());
  }

  private static long bytes(Relay relay) {
    return relay.bytesToServer() + relay.bytesFromServer();
  }

  @Override
  public void close() throws BenchFailure {
    List<BenchFailure> failures = new ArrayList<>();
    for (Counted one : counted.values()) {
      try {
        one.close();
      } catch (BenchFailure e) {
        failures.add(e);
      }
    }
    if (!failures.isEmpty()) {
      throw failures.get(0);
    }
  }

  /** A rig and the relays of its clients. */
  private static final class Counted implements Detour, AutoCloseable {
    private Rig rig;
    private Relay publishing;
    private Relay subscribing;

    @Override
    public int publisherPort(int serverPort) throws BenchFailure {
      publishing = Relay.start(serverPort);
      return publishing.port();
    }

    @Override
    public int subscriberPort(int serverPort) throws BenchFailure {
      subscribing = Relay.start(serverPort);
      return subscribing.port();
    }

    @Override
    public void close() throws BenchFailure {
      rig.close();
      publishing.close();
      subscribing.close();
    }
  }
}
