package dev.weir.cli;

import com.google.protobuf.util.Durations;
import dev.weir.cli.shell.ServerOption;
import dev.weir.cli.shell.StandardStreams;
import dev.weir.cli.text.DurationText;
import dev.weir.cli.text.JsonLine;
import dev.weir.cli.text.SizeText;
import dev.weir.cli.text.TerminalText;
import dev.weir.cli.text.TimeText;
import dev.weir.common.OwnedBy;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.v1.Durability;
import dev.weir.v1.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code weir topics}: lists, creates, changes and deletes topics. Owned by the main thread. */
@OwnedBy("main thread")
@Command(
    name = "topics",
    mixinStandardHelpOptions = true,
    description = "Lists the topics of a server, or creates, changes or deletes one.",
    footer = {
      "",
      "Columns: TOPIC, PARTITIONS, DURABILITY, MAX-AGE (- is without bound), MAX-BYTES (of each",
      "partition), CREATED (UTC, by the server's clock), LABELS.",
      "",
      "Examples:",
      "  bin/weir topics",
      "  bin/weir topics --json",
      "  bin/weir topics create plant1 --partitions 4 --max-age 30d",
      "  bin/weir topics update plant1 --max-bytes 10GiB --label site=north",
      "  bin/weir topics delete plant1 --yes"
    })
final class TopicsCommand implements Callable<Integer> {
  private static final String ROW = "%-40s %10s  %-10s  %8s %10s  %-30s  %s%n";

  private enum Level {
    SYNCED(Durability.DURABILITY_SYNCED),
    BUFFERED(Durability.DURABILITY_BUFFERED),
    MEMORY(Durability.DURABILITY_MEMORY);

    private final Durability message;

    Level(Durability message) {
      this.message = message;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final StandardStreams streams;

  @Spec private CommandSpec spec;

  @Option(names = "--json", scope = ScopeType.INHERIT, description = "One JSON object per topic.")
  private boolean json;

  @Mixin private ServerOption server;

  TopicsCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() {
    return server.with(
        client -> {
          if (!json) {
            streams
                .out()
                .printf(
                    ROW,
                    "TOPIC",
                    "PARTITIONS",
                    "DURABILITY",
                    "MAX-AGE",
                    "MAX-BYTES",
                    "CREATED",
                    "LABELS");
          }
          client.topics().listTopics().forEach(this::print);
          streams.flush();
          return 0;
        });
  }

  @Command(
      name = "create",
      mixinStandardHelpOptions = true,
      description = "Creates a topic; one that exists with the same settings is fine too.")
  int create(
      @Parameters(
              paramLabel = "NAME",
              description = "1 to 200 of lower-case letters, digits, '.', '_' and '-'.")
          String name,
      @Option(
              names = "--partitions",
              paramLabel = "N",
              defaultValue = "1",
              description = "1 to 64, for ever; a sensor lives in one of them. Default: 1")
          int partitions,
      @Option(
              names = "--durability",
              paramLabel = "LEVEL",
              defaultValue = "synced",
              description =
                  "synced (default: on disk before it is acknowledged), buffered (with the operating"
                      + " system: survives a killed process, not a lost machine) or memory (fast,"
                      + " and gone after a restart), for ever.")
          Level durability,
      @Mixin TopicOptions settings) {
    require(
        "create",
        partitions >= 1 && partitions <= Cursor.PARTITIONS_MAX,
        "--partitions: " + partitions + " (expected 1 to " + Cursor.PARTITIONS_MAX + ")");
    Topic.Builder asked =
        Topic.newBuilder()
            .setName(name)
            .setPartitionCount(partitions)
            .setDurability(durability.message);
    settings.applyTo(asked);
    return server.with(
        client -> {
          Topic topic = client.topics().createTopic(asked.build());
          streams.say(
              json
                  ? line(topic)
                  : "topic " + topic.getName() + " has partitions: " + topic.getPartitionCount());
          return 0;
        });
  }

  @Command(
      name = "update",
      mixinStandardHelpOptions = true,
      description = {
        "Changes a topic's labels or retention at once; what is not named stays.",
        "Less retention deletes readings."
      })
  int update(
      @Parameters(paramLabel = "NAME", description = "The topic.") String name,
      @Mixin TopicOptions settings,
      @Option(names = "--no-labels", description = "Removes all labels.") boolean noLabels) {
    List<String> fields = settings.fields();
    require(
        "update",
        !noLabels || !fields.contains("labels"),
        "--label and --no-labels exclude each other");
    if (noLabels) {
      fields.add("labels");
    }
    require(
        "update",
        !fields.isEmpty(),
        "what to change? --label, --no-labels, --max-age or --max-bytes");
    Topic.Builder asked = Topic.newBuilder().setName(name);
    settings.applyTo(asked);
    return server.with(
        client -> {
          Topic topic = client.topics().updateTopic(asked.build(), fields);
          streams.say(json ? line(topic) : "topic " + topic.getName() + " is changed");
          return 0;
        });
  }

  @Command(
      name = "delete",
      mixinStandardHelpOptions = true,
      description = "Deletes a topic with every reading, sensor and committed cursor in it.")
  int delete(
      @Parameters(paramLabel = "NAME", description = "The topic.") String name,
      @Option(names = "--yes", description = "Required: nothing of it can be brought back.")
          boolean yes) {
    require(
        "delete",
        yes,
        "this deletes every reading, sensor and committed cursor of "
            + name
            + ", for ever; add --yes to do it");
    return server.with(
        client -> {
          client.topics().deleteTopic(name);
          streams.say(
              json
                  ? new JsonLine().put("topic", name).put("deleted", true).end()
                  : "topic " + name + " is deleted");
          return 0;
        });
  }

  private void require(String subcommand, boolean holds, String message) {
    if (!holds) {
      throw new ParameterException(spec.subcommands().get(subcommand), message);
    }
  }

  private void print(Topic topic) {
    if (json) {
      streams.out().println(line(topic));
      return;
    }
    List<String> labels = new ArrayList<>();
    new TreeMap<>(topic.getLabelsMap())
        .forEach((key, value) -> labels.add(TerminalText.text(key + "=" + value)));
    Duration maxAge = maxAge(topic);
    streams
        .out()
        .printf(
            ROW,
            topic.getName(),
            topic.getPartitionCount(),
            durability(topic),
            maxAge.isZero() ? "-" : DurationText.words(maxAge),
            SizeText.words(topic.getRetention().getMaxBytes()),
            TimeText.rfc3339(topic.getCreateTime()),
            String.join(",", labels));
  }

  private static String line(Topic topic) {
    return new JsonLine()
        .put("topic", topic.getName())
        .put("partitions", topic.getPartitionCount())
        .put("durability", durability(topic))
        .put("created", TimeText.rfc3339(topic.getCreateTime()))
        .put("max_age_seconds", maxAge(topic).toSeconds())
        .put("max_bytes", topic.getRetention().getMaxBytes())
        .put("labels", topic.getLabelsMap())
        .end();
  }

  private static Duration maxAge(Topic topic) {
    return Duration.ofNanos(Durations.toNanos(topic.getRetention().getMaxAge()));
  }

  private static String durability(Topic topic) {
    return topic.getDurability().name().substring("DURABILITY_".length());
  }
}
