package dev.weir.cli;

import dev.weir.cli.shell.ServerOption;
import dev.weir.cli.shell.StandardStreams;
import dev.weir.cli.text.ReadingJson;
import dev.weir.cli.text.TerminalText;
import dev.weir.cli.text.TimeText;
import dev.weir.client.LastValues;
import dev.weir.client.WeirClient;
import dev.weir.common.OwnedBy;
import dev.weir.v1.Reading;
import dev.weir.v1.Sensor;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir latest}: prints the last value of each sensor. Owned by the main thread. */
@OwnedBy("main thread")
@Command(
    name = "latest",
    mixinStandardHelpOptions = true,
    description = "Prints the last value of each sensor: the one with the greatest event time.",
    footer = {
      "",
      "Columns: SENSOR, TIME (event time, local), VALUE, UNIT. The cursor as of which these are"
          + " the",
      "last values, and sensors whose last value is too large to be kept, are reported on",
      "standard error.",
      "",
      "Examples:",
      "  bin/weir latest plant1",
      "  bin/weir latest plant1 --glob 'boiler/**' --label site=north --json"
    })
final class LatestCommand implements Callable<Integer> {
  private static final String ROW = "%-40s  %-26s  %-24s  %s%n";

  private final StandardStreams streams;

  @Parameters(paramLabel = "TOPIC", description = "The topic.")
  private String topic;

  @Mixin private SelectorOptions selector;

  @Option(
      names = "--json",
      description = "One JSON object per sensor: topic, sensor, time, value, unit.")
  private boolean json;

  @Mixin private ServerOption server;

  LatestCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() {
    return server.with(this::print);
  }

  private int print(WeirClient client) {
    LastValues values = client.latest(topic, selector.selector());
    Map<String, String> units = units(client);
    if (!json) {
      streams.out().printf(ROW, "SENSOR", "TIME", "VALUE", "UNIT");
    }
    for (Reading reading : values) {
      String unit = units.getOrDefault(reading.getSensor(), "");
      if (json) {
        streams.out().println(ReadingJson.lastValue(topic, reading, unit));
      } else {
        row(reading, unit);
      }
    }
    streams.flush();
    tooLarge(values.tooLarge());
    streams.err().println("weir: as of cursor " + values.cursor());
    return 0;
  }

  private void row(Reading reading, String unit) {
    Instant time =
        Instant.ofEpochSecond(reading.getTime().getSeconds(), reading.getTime().getNanos());
    streams
        .out()
        .printf(
            ROW,
            reading.getSensor(),
            TimeText.local(time),
            TerminalText.value(reading),
            TerminalText.text(unit));
  }

  private void tooLarge(List<String> sensors) {
    for (String sensor : sensors) {
      streams.err().println("weir: the last value of " + sensor + " is too large to be kept");
    }
  }

  /** Units by sensor; readings do not carry them. The server bounds the number of sensors. */
  private Map<String, String> units(WeirClient client) {
    Map<String, String> units = new HashMap<>();
    for (Sensor sensor : client.topics().listSensors(topic)) {
      if (!sensor.getUnit().isEmpty()) {
        units.put(sensor.getName(), sensor.getUnit());
      }
    }
    return units;
  }
}
