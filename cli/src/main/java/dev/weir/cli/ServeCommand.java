package dev.weir.cli;

import dev.weir.cli.shell.CliRuntime;
import dev.weir.cli.shell.CommandFailure;
import dev.weir.cli.shell.StandardStreams;
import dev.weir.common.OwnedBy;
import dev.weir.service.app.StandbyWait;
import dev.weir.service.app.WeirServer;
import dev.weir.service.app.end.ProcessTerminator;
import dev.weir.service.app.fault.FaultInjector;
import dev.weir.service.app.fault.ServerFaults;
import dev.weir.service.config.ConfigFile;
import dev.weir.service.config.ServerConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code weir serve}: a server in this process, until a signal ends it. Owned by the main thread.
 */
@OwnedBy("main thread")
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description =
        "Starts a server. SIGTERM and Ctrl-C let its clients leave, then end it with code 0. A server"
            + " that cannot continue ends with code 70, or 3 if the Java machine ends it.",
    footer = {
      "",
      "The first line on standard output is",
      "  weir ready grpc=HOST:PORT engine=segment durability=SYNCED data=DIR",
      "",
      "Examples:",
      "  bin/weir serve --data data",
      "  bin/weir serve --data /var/lib/weir --port 0",
      "  bin/weir serve --config weir.yaml",
      "  bin/weir serve --data /var/lib/weir --port 7475 --wait-for-lock"
    })
final class ServeCommand implements Callable<Integer> {
  private static final Logger logger = LoggerFactory.getLogger(ServeCommand.class);
  private static final long WAIT_SECONDS_MAX = 31_536_000; // a year

  private final StandardStreams streams;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where the log is; made where it is missing. Default: data")
  private Path data;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "0 takes a free one. Default: " + ServerConfig.PORT_DEFAULT)
  private Integer port;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Where to listen. Default: 127.0.0.1, this machine only")
  private String host;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML; docs/limits.md lists the limits. Turns development mode off.")
  private Path config;

  @Option(
      names = "--insecure",
      description = "Listen in plain text beyond this machine; this version has no TLS.")
  private boolean insecure;

  @Option(
      names = "--wait-for-lock",
      paramLabel = "SECONDS",
      arity = "0..1",
      fallbackValue = "0",
      description =
          "Where another server has the data directory, wait for its end and take over; at most so"
              + " long, and as long as it takes without a number or with 0.")
  private Long waitSeconds;

  @Option(names = "--end-with-stdin", hidden = true)
  private boolean endWithStdin;

  /** For audits: see docs/reliability.md. */
  @Option(names = "--fault", hidden = true)
  private List<String> faults = List.of();

  @Option(names = "--i-know-this-loses-data", hidden = true)
  private boolean knowing;

  ServeCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    ServerConfig settings = configured();
    settings.requireSafeListener();
    requireFree(settings);
    ServerFaults wrong = faults();
    if (endWithStdin) {
      CliRuntime.start("weir-stdin", () -> endWith(streams.in(), wrong));
    }
    StandbyWait standby = standby();
    ProcessTerminator end = ProcessTerminator.ofThisProcess();
    WeirServer server = started(settings, wrong, standby, end);
    CliRuntime.onShutdown(() -> stop(server, end));
    ServeBanner.lines(server).forEach(streams.out()::println);
    streams.flush();
    server.awaitTermination();
    // Reached when the shutdown hook has stopped the server; the hook also sets the exit code.
    return 0;
  }

  private static WeirServer started(
      ServerConfig settings, ServerFaults wrong, StandbyWait standby, ProcessTerminator end)
      throws IOException {
    try {
      return WeirServer.start(settings, wrong, standby, end);
    } catch (Error thrown) { // such as OutOfMemoryError, on the thread that everything waits for
      end.thrown(thrown);
      throw thrown;
    }
  }

  private StandbyWait standby() {
    if (waitSeconds == null) {
      return StandbyWait.none();
    }
    if (waitSeconds < 0 || waitSeconds > WAIT_SECONDS_MAX) {
      throw new CommandFailure(
          "--wait-for-lock: " + waitSeconds + " (expected 0 to " + WAIT_SECONDS_MAX + " seconds)");
    }
    return waitSeconds == 0
        ? StandbyWait.unbounded()
        : StandbyWait.of(Duration.ofSeconds(waitSeconds));
  }

  private ServerFaults faults() {
    if (!faults.isEmpty() && !knowing) {
      throw new CommandFailure("--fault loses data; it needs --i-know-this-loses-data too");
    }
    try {
      return FaultInjector.load(faults);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(e.getMessage(), e);
    }
  }

  private ServerConfig configured() {
    ServerConfig settings = config == null ? ServerConfig.defaults() : ConfigFile.load(config);
    if (data != null) {
      settings = settings.withDataDir(data);
    }
    if (port != null) {
      settings = settings.withPort(port);
    }
    if (host != null) {
      settings = settings.withHost(host);
    }
    return insecure ? settings.withInsecure(true) : settings;
  }

  /**
   * Refuses an address that cannot be bound, because each transport reports that in its own way.
   */
  private static void requireFree(ServerConfig settings) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.bind(new InetSocketAddress(settings.host(), settings.port()));
    } catch (IOException e) {
      throw new CommandFailure(
          "cannot listen on "
              + settings.host()
              + ":"
              + settings.port()
              + ": "
              + e.getMessage()
              + "; stop the program that has the port, or choose another address with --host and"
              + " --port (0: any port)",
          e);
    }
  }

  /** A process that is asked to end and does so cleanly ends with code 0, not with the signal's. */
  private void stop(WeirServer server, ProcessTerminator end) {
    end.endWithin(server.stopLongest());
    int exitCode = 0;
    try {
      server.drain();
    } catch (InterruptedException e) {
      logger.warn("told to hurry: the sessions that are left are ended", e);
    }
    try {
      server.close();
    } catch (IOException | RuntimeException e) {
      logger.error("the server did not stop cleanly; the next start recovers the log", e);
      exitCode = 1;
    }
    streams.out().flush();
    CliRuntime.halt(exitCode);
  }

  /** Its lines arm what is to go wrong; without faults only its end means something. */
  private static void endWith(InputStream in, ServerFaults faults) {
    var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    try {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!faults.isEmpty()) {
          faults.arm(line);
        }
      }
    } catch (IOException e) {
      logger.debug("standard input failed, which is an end too", e);
    }
    System.exit(0);
  }
}
