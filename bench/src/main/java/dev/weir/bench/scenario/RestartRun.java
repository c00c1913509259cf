package dev.weir.bench.scenario;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.BenchProcess;
import dev.weir.bench.LaunchOptions;
import dev.weir.bench.load.BenchRuntime;
import dev.weir.bench.load.KeyValues;
import dev.weir.bench.measure.ContenderInfo;
import dev.weir.bench.measure.RoundSample;
import dev.weir.bench.measure.RunSettings;
import dev.weir.bench.measure.ScenarioRun;
import dev.weir.bench.process.RestartProcess;
import dev.weir.service.app.WeirServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server whose log is long is killed while readings come, and started again with {@code bin/weir
 * serve}, round after round. What had been acknowledged must be there, in order, and nothing that
 * was never published. Owned by the runner's thread.
 */
final class RestartRun implements ScenarioRun {
  private static final int SENSORS = 1_024;
  private static final long GIGABYTE = 1_000_000_000L;
  private static final long GIGABYTES_SHORT = 1;
  private static final long GIGABYTES_LONG = 10;

  /** One command must not last longer than the runner waits for an answer. */
  private static final long FILL_BYTES = GIGABYTE;

  private static final double NANOS_PER_SECOND = 1e9;
  private static final Pattern READY = Pattern.compile("weir ready grpc=127\\.0\\.0\\.1:(\\d+) .*");

  private final Path data;
  private final LaunchOptions launch;
  private final Duration load;
  private final ContenderInfo weir;
  private BenchProcess server;
  private int port;
  private int starts;

  RestartRun(RunSettings setting) throws BenchFailure, InterruptedException {
    data = setting.data().resolve("restart");
    launch = setting.launch();
    load = Duration.ofSeconds(setting.windowSeconds());
    long gigabytes = setting.full() ? GIGABYTES_LONG : GIGABYTES_SHORT;
    weir =
        new ContenderInfo(
            RestartScenario.WEIR,
            "weir " + WeirServer.class.getPackage().getImplementationVersion(),
            "fsynced before the ack and before any delivery",
            String.format(
                "%d GB in the log, killed after %d s of load from %,d sensors; bin/weir serve",
                gigabytes, setting.windowSeconds(), SENSORS));
    startServer();
    try (BenchProcess client = client()) {
      for (long filled = 0; filled < gigabytes * GIGABYTE; filled += FILL_BYTES) {
        KeyValues answer = client.ask("fill " + FILL_BYTES);
        if (!Boolean.parseBoolean(answer.text("complete"))) {
          throw new BenchFailure("the log was not filled: " + answer);
        }
      }
    }
  }

  private void startServer() throws BenchFailure, InterruptedException {
    List<String> words =
        new ArrayList<>(List.of("serve", "--port", "0", "--data", data.toString()));
    if (!launch.limits().isEmpty()) {
      words.addAll(List.of("--config", config().toString()));
    }
    server = launch.startWeir("weir-server-" + starts++, words);
    String ready = server.line();
    Matcher address = READY.matcher(ready);
    if (!address.matches()) {
      throw new BenchFailure("bin/weir serve said first: " + ready);
    }
    port = Integer.parseInt(address.group(1));
  }

  private Path config() throws BenchFailure {
    String yaml = "limits:\n  " + launch.limits().replace(":", ": ").replace(",", "\n  ") + "\n";
    try {
      Path file = data.resolveSibling("weir.yaml");
      Files.createDirectories(file.getParent());
      return Files.writeString(file, yaml);
    } catch (IOException e) {
      throw new BenchFailure("the limits cannot be written down", e);
    }
  }

  private BenchProcess client() throws BenchFailure, InterruptedException {
    KeyValues place =
        KeyValues.none()
            .with("target", "127.0.0.1:" + port)
            .with("topic", "bench")
            .with("sensors", SENSORS);
    BenchProcess client = launch.start("weir-client-" + starts, RestartProcess.class, place);
    client.answer();
    return client;
  }

  @Override
  public List<ContenderInfo> contenders() {
    return List.of(weir);
  }

  @Override
  public Map<String, String> missing() {
    return Map.of();
  }

  @Override
  public RoundSample measure(ContenderInfo contender) throws BenchFailure, InterruptedException {
    try (BenchProcess client = client()) {
      client.ask("go");
      BenchRuntime.pause(load);
      server.kill();
      long acknowledged = client.ask("killed").number("acknowledged");
      long start = System.nanoTime();
      startServer();
      long ready = System.nanoTime();
      client.ask("read " + port);
      long read = System.nanoTime();
      KeyValues verified = client.ask("verify " + port);
      List<String> problems = new ArrayList<>();
      if (verified.number("stored") < acknowledged || verified.number("wrong") != 0) {
        problems.add(acknowledged + " readings were acknowledged, found: " + verified);
      }
      return new RoundSample(
          Map.of(
              RestartScenario.READY_SECONDS,
              (ready - start) / NANOS_PER_SECOND,
              RestartScenario.READ_SECONDS,
              (read - start) / NANOS_PER_SECOND,
              "acknowledged",
              (double) acknowledged),
          problems);
    }
  }

  @Override
  public void close() throws BenchFailure {
    try {
      server.kill();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      server.close();
    }
  }
}
