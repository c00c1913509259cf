package dev.weir.bench.scenario;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.CountingRelay;
import dev.weir.bench.measure.ContenderInfo;
import dev.weir.bench.measure.RoundSample;
import dev.weir.bench.measure.RunSettings;
import dev.weir.bench.measure.ScenarioRun;
import dev.weir.bench.peer.MissingPeer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Rigs of Weir whose clients talk through relays that count. Owned by the runner's thread. */
final class WireBytesRun implements ScenarioRun {
  private static final int COMPLETE = 2;

  private final RunSettings setting;
  private final Map<ContenderInfo, Counted> counted = new LinkedHashMap<>();

  WireBytesRun(RunSettings setting) {
    this.setting = setting;
  }

  void add(String name, String settings, LoadShape load)
      throws BenchFailure, InterruptedException, MissingPeer {
    ContenderInfo weir = ComparedSystem.WEIR_MEMORY.contender();
    Counted one = new Counted();
    RunSettings apart = setting.below(name);
    one.rig = SystemUnderTest.open(ComparedSystem.WEIR_MEMORY, load, apart, one);
    counted.put(new ContenderInfo(name, weir.version(), weir.durability(), settings), one);
    one.rig.warmUp(1);
  }

  void closeUnlessComplete() throws BenchFailure {
    if (counted.size() < COMPLETE) {
      close();
    }
  }

  @Override
  public List<ContenderInfo> contenders() {
    return List.copyOf(counted.keySet());
  }

  @Override
  public Map<String, String> missing() {
    return Map.of();
  }

  @Override
  public RoundSample measure(ContenderInfo contender) throws BenchFailure, InterruptedException {
    Counted one = counted.get(contender);
    long readingsBefore = one.rig.published();
    long publishingBefore = bytes(one.publishing);
    long subscribingBefore = bytes(one.subscribing);
    RoundSample sample = one.rig.round(Duration.ofSeconds(setting.windowSeconds()));
    double readings = one.rig.published() - readingsBefore;
    double publisher = (bytes(one.publishing) - publishingBefore) / readings;
    double subscriber = (bytes(one.subscribing) - subscribingBefore) / readings;
    return new RoundSample(
        Map.of(
            "publisher_bytes_per_double",
            publisher,
            "subscriber_bytes_per_double",
            subscriber,
            WireBytesScenario.NUMBER,
            Math.max(publisher, subscriber)),
        sample.problems());
  }

  private static long bytes(CountingRelay relay) {
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
  private static final class Counted implements ClientRoute, AutoCloseable {
    private SystemUnderTest rig;
    private CountingRelay publishing;
    private CountingRelay subscribing;

    @Override
    public int publisherPort(int serverPort) throws BenchFailure {
      publishing = CountingRelay.start(serverPort);
      return publishing.port();
    }

    @Override
    public int subscriberPort(int serverPort) throws BenchFailure {
      subscribing = CountingRelay.start(serverPort);
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
