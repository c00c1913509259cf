package dev.weir.bench.compare;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.ChildProcess;
import dev.weir.bench.Launch;
import dev.weir.bench.load.BenchRuntime;
import dev.weir.bench.load.Fields;
import dev.weir.bench.load.RestartProcess;
import dev.weir.bench.load.ServerProcess;
import dev.weir.service.app.WeirServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A server whose log is long is killed while readings come, and started again, round after round.
 * What had been acknowledged must be there, in order, and nothing that was never published. Owned
 * by the runner's thread.
 */
final class RestartBout implements Bout {
  private static final int SENSORS = 1_024;
  private static final long GIGABYTE = 1_000_000_000L;
  private static final long GIGABYTES_SHORT = 1;
  private static final long GIGABYTES_LONG = 10;

  /** One command must not last longer than the runner waits for an answer. */
  private static final long FILL_BYTES = GIGABYTE;

  private static final double NANOS_PER_SECOND = 1e9;

  private final Path data;
  private final Launch launch;
  private final Duration load;
  private final Contender weir;
  private ChildProcess server;
  private int port;
  private int starts;

  RestartBout(Setting setting) throws BenchFailure, InterruptedException {
    data = setting.data().resolve("restart");
    launch = setting.launch();
    load = Duration.ofSeconds(setting.windowSeconds());
    long gigabytes = setting.full() ? GIGABYTES_LONG : GIGABYTES_SHORT;
    weir =
        new Contender(
            Restart.WEIR,
            "weir " + WeirServer.class.getPackage().getImplementationVersion(),
            "fsynced before the ack and before any delivery",
            String.format(
                "%d GB in the log, killed after %d s of load from %,d sensors; defaults",
                gigabytes, setting.windowSeconds(), SENSORS));
    startServer();
    try (ChildProcess client = client()) {
      for (long filled = 0; filled < gigabytes * GIGABYTE; filled += FILL_BYTES) {
        Fields answer = client.ask("fill " + FILL_BYTES);
        if (!Boolean.parseBoolean(answer.text("complete"))) {
          throw new BenchFailure("the log was not filled: " + answer);
        }
      }
    }
  }

  private void startServer() throws BenchFailure, InterruptedException {
    Fields serving = Fields.none().with("data", data).with("limits", launch.limits());
    server = launch.start("weir-server-" + starts++, ServerProcess.class, serving);
    port = server.answer().count("port");
  }

  private ChildProcess client() throws BenchFailure, InterruptedException {
    Fields place =
        Fields.none()
            .with("target", "127.0.0.1:" + port)
            .with("topic", "bench")
            .with("sensors", SENSORS);
    ChildProcess client = launch.start("weir-client-" + starts, RestartProcess.class, place);
    client.answer();
    return client;
  }

  @Override
  public List<Contender> contenders() {
    return List.of(weir);
  }

  @Override
  public Map<String, String> missing() {
    return Map.of();
  }

  @Override
  public Sample measure(Contender contender) throws BenchFailure, InterruptedException {
    try (ChildProcess client = client()) {
      client.ask("go");
      BenchRuntime.pause(load);
      server.kill();
      long acknowledged = client.ask("killed").number("acknowledged");
      long start = System.nanoTime();
      startServer();
      long ready = System.nanoTime();
      client.ask("read " + port);
      long read = System.nanoTime();
      Fields verified = client.ask("verify " + port);
      List<String> problems = new ArrayList<>();
      if (verified.number("stored") < acknowledged || verified.number("wrong") != 0) {
        problems.add(acknowledged + " readings were acknowledged, found: " + verified);
      }
      return new Sample(
          Map.of(
              Restart.READY_SECONDS,
              (ready - start) / NANOS_PER_SECOND,
              Restart.READ_SECONDS,
              (read - start) / NANOS_PER_SECOND,
              "acknowledged",
              (double) acknowledged),
          problems);
    }
  }

  @Override
  public void close() throws BenchFailure {
    server.close();
  }
}
