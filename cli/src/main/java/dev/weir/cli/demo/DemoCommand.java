package dev.weir.cli.demo;

import dev.weir.cli.shell.CliRuntime;
import dev.weir.cli.shell.CommandFailure;
import dev.weir.cli.shell.ExampleCommands;
import dev.weir.cli.shell.StandardStreams;
import dev.weir.common.OwnedBy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code weir demo}: runs the demo until its time is over or Ctrl-C. Owned by the main thread. */
@OwnedBy("main thread")
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Publishes this machine's own sensors from one process, follows them from another, and",
      "checks at the end that the log and the subscriber have exactly what was acknowledged."
    },
    footer = {"", "Examples:", "  bin/weir demo", "  bin/weir demo --seconds 20"})
public final class DemoCommand implements Callable<Integer> {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss", Locale.ROOT).withZone(ZoneId.systemDefault());
  private static final long TO_FINISH_SECONDS = 120;

  private final StandardStreams streams;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch finished = new CountDownLatch(1);
  private final AtomicInteger exitCode = new AtomicInteger(1);

  @Option(names = "--seconds", paramLabel = "N", description = "How long; default: until Ctrl-C")
  private Long seconds;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "An empty or new directory for the log. Default: a new one in data/demo")
  private Path data;

  @Option(names = "--drop-one-delivery", hidden = true)
  private boolean dropOneDelivery;

  /** The command. */
  public DemoCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    CliRuntime.onShutdown(this::finish);
    try {
      Path directory = directory();
      if (run(directory)) {
        exitCode.set(0);
      }
    } catch (CommandFailure e) {
      streams.err().println("weir: " + e.getMessage());
    } finally {
      finished.countDown();
    }
    return exitCode.get();
  }

  private boolean run(Path directory) throws IOException, InterruptedException {
    try (DemoRun demo = DemoRun.start(directory, dropOneDelivery)) {
      ExampleCommands copyable = new ExampleCommands(demo.server(), true);
      streams.say(
          "This machine's sensors, from a publisher through a durable log to a subscriber.");
      streams.say("While it runs, in another terminal:");
      streams.say("  " + copyable.weir("tail " + DemoRun.TOPIC));
      streams.say("  " + copyable.grpcTail(DemoRun.TOPIC, false));
      streams.say("grpcurl comes with `make grpcurl`. Ctrl-C ends the demo.");
      streams.say("");
      watch(demo);
      DemoRun.Result result = demo.finish();
      result.problems().forEach(problem -> streams.err().println("weir: " + problem));
      streams.say("");
      streams.say("The readings stay in " + directory + ". To look at them again:");
      streams.say("  " + ExampleCommands.serve(directory.toString()));
      streams.say(
          "  "
              + ExampleCommands.ofDefaultServer()
                  .weir("tail " + DemoRun.TOPIC + " --from earliest --until now"));
      streams.say(result.line());
      return result.problems().isEmpty();
    }
  }

  private void watch(DemoRun demo) throws InterruptedException {
    DemoDisplay screen = new DemoDisplay(streams);
    long start = CliRuntime.elapsedNanos();
    long endNanos = seconds == null ? Long.MAX_VALUE : TimeUnit.SECONDS.toNanos(seconds);
    long elapsed = 0;
    while (elapsed < endNanos) {
      long wait = Math.min(TimeUnit.MILLISECONDS.toNanos(500), endNanos - elapsed);
      if (stop.await(wait, TimeUnit.NANOSECONDS)) {
        return;
      }
      demo.requireAlive();
      elapsed = CliRuntime.elapsedNanos() - start;
      screen.show(demo.look(elapsed));
    }
  }

  private Path directory() throws IOException {
    if (data == null) {
      String stamp = STAMP.format(Instant.ofEpochSecond(0, CliRuntime.epochNanos()));
      Path fresh = Path.of("data", "demo", stamp);
      Files.createDirectories(fresh);
      return fresh;
    }
    Files.createDirectories(data);
    try (var entries = Files.list(data)) {
      if (entries.findAny().isPresent()) {
        throw new CommandFailure(data + " is not empty (expected a new or empty directory)");
      }
    }
    return data;
  }

  /** Ctrl-C ends the demo in order, with the demo's exit code. */
  private void finish() {
    stop.countDown();
    try {
      if (!finished.await(TO_FINISH_SECONDS, TimeUnit.SECONDS)) {
        streams.err().println("weir: the demo did not finish in " + TO_FINISH_SECONDS + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    streams.out().flush();
    CliRuntime.halt(exitCode.get());
  }
}
