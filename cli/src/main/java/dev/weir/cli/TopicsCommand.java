package dev.weir.cli;

import dev.weir.cli.shell.ServerOption;
import dev.weir.cli.shell.Streams;
import dev.weir.cli.text.JsonLine;
import dev.weir.cli.text.TimeText;
import dev.weir.service.core.OwnedBy;
import dev.weir.v1.Topic;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir topics}: lists topics, or creates one. Owned by the main thread. */
@OwnedBy("main thread")
@Command(
    name = "topics",
    mixinStandardHelpOptions = true,
    description = "Lists the topics of a server; `topics create NAME` creates one.",
    footer = {
      "",
      "Examples:",
      "  bin/weir topics",
      "  bin/weir topics --json",
      "  bin/weir topics create plant1 --partitions 4"
    })
final class TopicsCommand implements Callable<Integer> {
  private static final String ROW = "%-40s %10s  %-10s  %s%n";

  private final Streams streams;

  @Option(names = "--json", description = "One JSON object per topic.")
  private boolean json;

  @Mixin private ServerOption server;

  TopicsCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() {
    return server.with(
        client -> {
          if (!json) {
            streams.out().printf(ROW, "TOPIC", "PARTITIONS", "DURABILITY", "CREATED");
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
      @Option(names = "--json", description = "The topic as a JSON object.") boolean asJson,
      @Mixin ServerOption at) {
    return at.with(
        client -> {
          Topic topic = client.topics().createTopic(name, partitions);
          streams.say(
              asJson
                  ? line(topic)
                  : "topic " + topic.getName() + " has partitions: " + topic.getPartitionCount());
          return 0;
        });
  }

  private void print(Topic topic) {
    if (json) {
      streams.out().println(line(topic));
    } else {
      streams
          .out()
          .printf(
              ROW, topic.getName(), topic.getPartitionCount(), durability(topic), created(topic));
    }
  }

  private static String line(Topic topic) {
    return new JsonLine()
        .put("topic", topic.getName())
        .put("partitions", topic.getPartitionCount())
        .put("durability", durability(topic))
        .put("created", created(topic))
        .end();
  }

  private static String durability(Topic topic) {
    return topic.getDurability().name().substring("DURABILITY_".length());
  }

  private static String created(Topic topic) {
    return TimeText.rfc3339(topic.getCreateTime().getSeconds(), topic.getCreateTime().getNanos());
  }
}
