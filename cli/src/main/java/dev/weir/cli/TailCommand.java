package dev.weir.cli;

import dev.weir.cli.shell.Advice;
import dev.weir.cli.shell.Failure;
import dev.weir.cli.shell.ServerOption;
import dev.weir.cli.shell.Streams;
import dev.weir.cli.text.TimeText;
import dev.weir.client.End;
import dev.weir.client.ReadingHandler;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.service.core.OwnedBy;
import java.time.Instant;
import java.util.List;
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
      "After a broken connection it goes on exactly where it was. Reconnects and lost readings",
      "are told on standard error; lost readings make the exit code 1.",
      "",
      "Examples:",
      "  bin/weir tail plant1",
      "  bin/weir tail plant1 --from earliest --until now --json",
      "  bin/weir tail plant1 --from 2026-11-23T08:00:00Z --limit 10 --sensor boiler/temperature"
    })
final class TailCommand implements Callable<Integer> {
  private enum Until {
    NOW
  }

  private final Streams streams;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "TOPIC", description = "The topic.")
  private String topic;

  @Option(
      names = "--from",
      paramLabel = "WHERE",
      defaultValue = "latest",
      description =
          "earliest, latest (default), a time at which the server stored it (RFC 3339), or the"
              + " cursor of a reading to go on after.")
  private String from;

  @Option(
      names = "--until",
      paramLabel = "now",
      description = "End at what is stored when the tail begins. Default: never.")
  private Until until;

  @Option(names = "--limit", paramLabel = "N", description = "End after this many readings.")
  private Long limit;

  @Option(
      names = "--sensor",
      paramLabel = "NAME",
      description = "Only this sensor; may be given several times. Default: all.")
  private List<String> sensors;

  @Option(
      names = "--json",
      description = "One JSON object per reading: topic, sensor, time, value, cursor.")
  private boolean json;

  @Mixin private ServerOption server;

  TailCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() {
    SubscriberOptions.Builder options = options();
    TailWatch watch = new TailWatch(streams.err(), server.server());
    return server.with(client -> print(client, options.listener(watch).build(), watch));
  }

  private int print(WeirClient client, SubscriberOptions options, TailWatch watch) {
    ReadingHandler handler = json ? new JsonTail(topic, streams) : new TextTail(streams);
    try (Subscriber subscriber = client.subscribe(options, handler)) {
      End end = subscriber.completion().join();
      streams.flush();
      if (watch.readingsLost() != 0) {
        throw new Failure(
            "readings are missing, as said above; everything else up to the cursor "
                + end.cursor()
                + " was printed");
      }
      return 0;
    } catch (CompletionException e) {
      if (e.getCause() instanceof WeirException refused) {
        throw Advice.failure(server.server(), refused);
      }
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private SubscriberOptions.Builder options() {
    try {
      SubscriberOptions.Builder options = SubscriberOptions.builder(topic);
      start(options);
      if (until == Until.NOW) {
        options.untilNow();
      }
      if (limit != null) {
        options.untilCount(limit);
      }
      if (sensors != null) {
        options.sensors(sensors);
      }
      return json ? options.rows() : options;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private void start(SubscriberOptions.Builder options) {
    if (from.equals("latest")) {
      options.fromLatest();
    } else if (from.equals("earliest")) {
      options.fromEarliest();
    } else if (TimeText.dated(from)) {
      options.fromTime(Instant.ofEpochSecond(0, TimeText.parse(from)));
    } else {
      options.afterCursor(from);
    }
  }
}
