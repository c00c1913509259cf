package dev.weir.it.proof;

import dev.weir.service.app.WeirServer;
import dev.weir.service.config.ServerConfig;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Flips single bytes all over a cleanly stopped data directory. Each damaged copy is verified,
 * looked into and recovered by the engine; some are served by the whole service, a few by a real
 * process. What is read must be as before, outside of one reported record, and what is verified
 * must be exactly what was damaged. Owned by the test that runs it.
 */
final class ByteFlipAudit {
  private static final int SERVED_EVERY = 50;
  private static final int REPORT_EVERY = 1_000;

  private final RealServer.Terms terms;
  private final List<String> faults;
  private final int realEvery;
  private final AuditFindings complaints = new AuditFindings();
  private final Map<String, Integer> byPurpose = new TreeMap<>();
  private final MemoryFiles original;
  private final EngineContents log;
  private final ServedContents view;
  private int served;
  private int real;

  /**
   * Reads the original.
   *
   * @param faults what the real processes go without; empty for a true audit
   * @param realEvery one of so many flips is served by a real process
   */
  ByteFlipAudit(RealServer.Terms terms, List<String> faults, int realEvery) throws IOException {
    this.terms = terms;
    this.faults = faults;
    this.realEvery = realEvery;
    original = MemoryFiles.of(terms.data());
    log = new EngineContents(terms.data(), original);
    view = served(original.copy());
    VerifyFindings whole = VerifyFindings.of(terms.data(), original);
    complaints.unless(whole.flaws().isEmpty(), "verified undamaged: %s", whole.flaws());
  }

  /**
   * Flips so many bytes; ends early where something is wrong.
   *
   * @param where the regions that may be damaged
   */
  ByteFlipAudit run(int flips, long seed, Predicate<FileRegion> where) throws IOException {
    List<FileRegion> regions = new ArrayList<>(FileRegionMap.of(terms.data(), original));
    regions.removeIf(where.negate());
    System.out.printf(
        "flips: %d regions of %d files, %d records%n",
        regions.size(), original.paths().size(), log.records());
    List<ByteFlip> plan = ByteFlip.plan(regions, flips, new Random(seed));
    for (int i = 0; i < plan.size() && complaints.isEmpty(); i++) {
      ByteFlip flip = plan.get(i);
      byPurpose.merge(flip.region().purpose(), 1, Integer::sum);
      verify(flip);
      log.compare(damaged(flip), flip, complaints);
      if (i % SERVED_EVERY == 0) {
        served++;
        serve(flip);
      }
      if (i % realEvery == 0) {
        real++;
        serveByProcess(flip);
      }
      if ((i + 1) % REPORT_EVERY == 0) {
        System.out.printf("flips: %d of %d%n", i + 1, flips);
      }
    }
    return this;
  }

  private void verify(ByteFlip flip) {
    try {
      VerifyFindings.of(terms.data(), damaged(flip)).compare(flip, complaints);
    } catch (IOException | RuntimeException e) {
      complaints.add("verified: %s: %s", flip, e);
    }
  }

  private MemoryFiles damaged(ByteFlip flip) {
    MemoryFiles files = original.copy();
    flip.apply(files);
    return files;
  }

  private void serve(ByteFlip flip) {
    try {
      view.compare(served(damaged(flip)), "served", flip, complaints);
    } catch (IOException | RuntimeException e) {
      complaints.add("served: %s: %s", flip, e);
    }
  }

  private ServedContents served(MemoryFiles files) throws IOException {
    String name = "flips-" + served;
    ServerConfig config = ServerConfig.defaults().withDataDir(terms.data());
    InProcessServerBuilder builder = InProcessServerBuilder.forName(name);
    ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
    WeirServer server = WeirServer.start(config, files, builder);
    try {
      return ServedContents.of(channel);
    } finally {
      channel.shutdownNow();
      server.close();
    }
  }

  private void serveByProcess(ByteFlip flip) throws IOException {
    Path dir = Files.createDirectories(terms.dir().resolve("real-" + real));
    MemoryFiles files = damaged(flip);
    for (Path path : files.paths()) {
      Path copy = dir.resolve("data").resolve(terms.data().relativize(path));
      Files.createDirectories(copy.getParent());
      Files.write(copy, files.bytes(path));
    }
    RealServer.Terms copied = new RealServer.Terms(dir, terms.limits());
    try (RealServer server = RealServer.start(copied, 0, faults)) {
      if (!server.wasReady()) {
        complaints.add("process: %s: not ready: %s", flip, server.words());
        return;
      }
      ManagedChannel channel =
          NettyChannelBuilder.forTarget(server.address()).usePlaintext().build();
      try {
        view.compare(ServedContents.of(channel), "process", flip, complaints);
      } catch (RuntimeException e) {
        complaints.add("process: %s: %s", flip, e);
      } finally {
        channel.shutdownNow();
      }
    }
  }

  AuditFindings complaints() {
    return complaints;
  }

  /** Summarizes the audit for people. */
  List<String> summary() {
    List<String> lines = new ArrayList<>();
    byPurpose.forEach((purpose, count) -> lines.add("| " + purpose + " | " + count + " |"));
    lines.add(
        String.format(
            "flips: %d, each verified, inspected and recovered by the engine; %d served in-process, %d by a"
                + " real process",
            byPurpose.values().stream().mapToInt(Integer::intValue).sum(), served, real));
    return lines;
  }
}
