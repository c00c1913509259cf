package dev.weir.cli;

import dev.weir.cli.shell.ServerOption;
import dev.weir.cli.shell.StandardStreams;
import dev.weir.cli.text.JsonLine;
import dev.weir.cli.text.TerminalText;
import dev.weir.cli.text.TimeText;
import dev.weir.client.Cursors;
import dev.weir.common.OwnedBy;
import dev.weir.v1.CommittedCursor;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir cursors}: lists or forgets committed cursors. Owned by the main thread. */
@OwnedBy("main thread")
@Command(
    name = "cursors",
    mixinStandardHelpOptions = true,
    description = "Lists what a topic's durable subscriptions have committed.",
    footer = {
      "",
      "Columns: NAME, LAG (readings stored after it, of all sensors), COMMITTED (when, UTC, by"
          + " the",
      "server's clock), CURSOR.",
      "",
      "Examples:",
      "  bin/weir cursors plant1",
      "  bin/weir cursors plant1 --delete archive"
    })
final class CursorsCommand implements Callable<Integer> {
  private static final String ROW = "%-30s %12s  %-30s  %s%n";

  private final StandardStreams streams;

  @Parameters(paramLabel = "TOPIC", description = "The topic.")
  private String topic;

  @Option(
      names = "--delete",
      paramLabel = "NAME",
      description =
          "Forgets the cursor of NAME: the next tail --durable NAME begins at the earliest"
              + " reading.")
  private String delete;

  @Option(
      names = "--json",
      description = "One JSON object per cursor: topic, name, lag_readings, committed, cursor.")
  private boolean json;

  @Mixin private ServerOption server;

  CursorsCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() {
    return server.with(
        client -> {
          Cursors cursors = client.cursors(topic);
          return delete == null ? list(cursors) : delete(cursors);
        });
  }

  private int delete(Cursors cursors) {
    cursors.delete(delete);
    streams.say(
        json
            ? new JsonLine().put("topic", topic).put("name", delete).put("deleted", true).end()
            : "the cursor of " + TerminalText.text(delete) + " is forgotten");
    return 0;
  }

  private int list(Cursors cursors) {
    if (!json) {
      streams.out().printf(ROW, "NAME", "LAG", "COMMITTED", "CURSOR");
    }
    for (CommittedCursor cursor : cursors.list()) {
      print(cursor, TimeText.rfc3339(cursor.getCommitTime()));
    }
    streams.flush();
    return 0;
  }

  private void print(CommittedCursor cursor, String committed) {
    if (json) {
      streams
          .out()
          .println(
              new JsonLine()
                  .put("topic", topic)
                  .put("name", cursor.getName())
                  .put("lag_readings", cursor.getLagReadings())
                  .put("committed", committed)
                  .put("cursor", cursor.getCursor())
                  .end());
    } else {
      streams
          .out()
          .printf(ROW, cursor.getName(), cursor.getLagReadings(), committed, cursor.getCursor());
    }
  }
}
