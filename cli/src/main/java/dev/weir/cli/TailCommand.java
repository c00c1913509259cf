package dev.weir.cli;

import dev.weir.cli.shell.CliRuntime;
import dev.weir.cli.shell.CommandFailure;
import dev.weir.cli.shell.ErrorAdvice;
import dev.weir.cli.shell.ServerOption;
import dev.weir.cli.shell.StandardStreams;
import dev.weir.client.End;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.common.OwnedBy;
import dev.weir.v1.EndReason;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weir tail}: prints the readings of a topic. Owned by the main thread. */
@OwnedBy("main thread")
@Command(
    name = "tail",
    mixinStandardHelpOptions = true,
    description = "Prints readings: those in the log, and live ones as they come.",
    footer = {
      "",
      "Text columns: local event time, sensor, value, unit. With --json, the readings of a"
          + " snapshot",
      "and those that come where it is conflated have an empty cursor.",
      "",
      "Times are RFC 3339, or numbers since 1970. After a broken connection it continues exactly",
      "where it was. Phases, gaps and reconnects are reported on standard error, a line each.",
      "Readings that are lost make the exit code 1; those that the options ask to skip (--overflow,",
      "--max-age, --on-expired) do not.",
      "",
      "Examples:",
      "  bin/weir tail plant1",
      "  bin/weir tail plant1 --from earliest --until now --json",
      "  bin/weir tail plant1 --from 2026-11-23T08:00:00Z --limit 10 --sensor boiler/temperature",
      "  bin/weir tail plant1 --glob 'boiler/**' --snapshot --sample 1s",
      "  bin/weir tail plant1 --sensor boiler/temperature --above 90 --hysteresis 2",
      "  bin/weir tail plant1 --durable archive --json"
    })
final class TailCommand implements Callable<Integer> {
  private static final Duration LAST_CHANCE = Duration.ofSeconds(5);

  private final StandardStreams streams;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "TOPIC", description = "The topic.")
  private String topic;

  @Mixin private SelectorOptions selector;
  @Mixin private RangeOptions range;
  @Mixin private ModeOptions mode;
  @Mixin private OverflowOptions overflow;

  @Option(
      names = "--json",
      description = "One JSON object per reading: topic, sensor, time, value, cursor.")
  private boolean json;

  @Mixin private ServerOption server;

  TailCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() {
    TailReporter watch = new TailReporter(streams.err(), server.server());
    SubscriberOptions options = options(watch);
    return server.with(client -> print(client, options, watch));
  }

  private int print(WeirClient client, SubscriberOptions options, TailReporter watch) {
    Subscriber subscriber =
        json
            ? client.subscribeAsync(options, new JsonTailPrinter(topic, streams))
            : client.subscribe(options, new TextTailPrinter(streams));
    // Ctrl-C: what a durable tail has printed is committed first.
    CliRuntime.Hook hook =
        CliRuntime.onShutdown(range.durable() ? () -> subscriber.drain(LAST_CHANCE) : () -> {});
    try (subscriber) {
      End end = subscriber.completion().join();
      streams.flush();
      return exitCode(end, watch);
    } catch (CompletionException e) {
      if (e.getCause() instanceof WeirException refused) {
        throw ErrorAdvice.failure(server.server(), refused);
      }
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    } finally {
      hook.close();
    }
  }

  private static int exitCode(End end, TailReporter watch) {
    if (end.reason() == EndReason.END_REASON_LAGGED) {
      throw new CommandFailure(
          "ended because it could not keep up, as --overflow end asks; --from "
              + end.cursor()
              + " goes on where it was");
    }
    if (end.reason() == EndReason.END_REASON_TOPIC_DELETED) {
      throw new CommandFailure("the topic was deleted");
    }
    if (watch.readingsLost() != 0) {
      throw new CommandFailure(
          "readings are missing, as said above; everything else up to the cursor "
              + end.cursor()
              + " was printed");
    }
    return 0;
  }

  private SubscriberOptions options(TailReporter watch) {
    try {
      SubscriberOptions.Builder options = SubscriberOptions.builder(topic).listener(watch);
      selector.applyTo(options);
      range.applyTo(options);
      mode.applyTo(options);
      overflow.applyTo(options);
      if (json) {
        options.rows();
      }
      return options.build();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
