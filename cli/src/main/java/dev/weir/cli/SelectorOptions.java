package dev.weir.cli;

import dev.weir.client.SubscriberOptions;
import dev.weir.common.OwnedBy;
import dev.weir.v1.Selector;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options of every command that selects sensors. Owned by the command. */
@OwnedBy("main thread")
final class SelectorOptions {
  @Option(
      names = "--sensor",
      paramLabel = "NAME",
      description = "Only this sensor; may be given several times. Default: all.")
  private List<String> sensors = List.of();

  @Option(
      names = "--glob",
      paramLabel = "PATTERN",
      description =
          "Also the sensors whose names match: * is any text inside a segment, ** any number of"
              + " segments; may be given several times. Quote it for the shell.")
  private List<String> globs = List.of();

  @Option(
      names = "--label",
      paramLabel = "KEY=VALUE",
      description = "Of these, only sensors with this label; may be given several times.")
  private Map<String, String> labels = Map.of();

  void applyTo(SubscriberOptions.Builder options) {
    if (!sensors.isEmpty()) {
      options.sensors(sensors);
    }
    if (!globs.isEmpty()) {
      options.globs(globs.toArray(String[]::new));
    }
    if (!labels.isEmpty()) {
      options.labels(labels);
    }
  }

  Selector selector() {
    Selector selector =
        Selector.newBuilder().addAllNames(sensors).addAllGlobs(globs).putAllLabels(labels).build();
    return selector.equals(Selector.getDefaultInstance())
        ? Selector.newBuilder().setAll(true).build()
        : selector;
  }
}
