package dev.weir.bench.process;

import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.LatencyCheck;
import dev.weir.bench.load.ProcessConsole;
import dev.weir.bench.load.RandomWalks;
import dev.weir.bench.load.ReadingCheck;
import dev.weir.bench.system.InFlightReport;
import dev.weir.bench.system.SystemSubscriber;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that subscribes to everything {@code connections=} times, through the {@link
 * SystemSubscriber} of {@code system=}, and checks every reading of each. Its checks own what was
 * seen.
 *
 * <p>Commands: {@code mark}, {@code expect N} (waits until N readings came to each, and returns
 * what was wrong), and with {@code latency=true} {@code begin} and {@code end} of a time in which
 * latencies are measured.
 */
public final class SubscriberProcess {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final List<ReadingCheck> checks = new ArrayList<>();

  private SubscriberProcess(KeyValues settings) {
    boolean latency = settings.text("latency").equals("true");
    for (int i = 0; i < settings.count("connections"); i++) {
      RandomWalks walks = PublisherProcess.walks(settings);
      checks.add(latency ? new LatencyCheck(walks) : new ReadingCheck(walks));
    }
  }

  /** See {@code dev.weir.bench.scenario.SystemUnderTest} for the settings. */
  public static void main(String[] args) throws Exception {
    KeyValues settings = KeyValues.parse(args);
    SubscriberProcess process = new SubscriberProcess(settings);
    try (SystemSubscriber inlet = SystemSubscriber.open(settings, process.checks)) {
      InFlightReport report = new InFlightReport(process.checks);
      ProcessConsole.serve(
          KeyValues.none().with("window_port", report.port()),
          (command, argument) -> process.onCommand(command, argument, inlet));
    }
  }

  private KeyValues onCommand(String command, String argument, SystemSubscriber inlet)
      throws InterruptedException {
    return switch (command) {
      case "mark" ->
          KeyValues.none()
              .with("readings", checks.stream().mapToLong(ReadingCheck::delivered).sum());
      case "expect" -> expect(Long.parseLong(argument), inlet);
      case "begin" -> {
        ((LatencyCheck) checks.get(0)).begin();
        yield KeyValues.none().with("begun", true);
      }
      case "end" -> ((LatencyCheck) checks.get(0)).end();
      default -> throw ProcessConsole.unknown(command);
    };
  }

  private KeyValues expect(long readings, SystemSubscriber inlet) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    boolean complete = true;
    long delivered = 0;
    long wrong = 0;
    for (ReadingCheck check : checks) {
      Duration left = Duration.ofNanos(deadline - System.nanoTime());
      complete &= check.awaitDelivered(readings, left);
      delivered += check.delivered();
      wrong += check.wrong();
      check.firstWrong().ifPresent(System.err::println);
    }
    return KeyValues.none()
        .with("complete", complete)
        .with("delivered", delivered)
        .with("wrong", wrong)
        .with("failures", inlet.failures());
  }
}
