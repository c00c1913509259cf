package dev.weir.cli;

import dev.weir.cli.shell.ServerOption;
import dev.weir.cli.shell.StandardStreams;
import dev.weir.cli.text.JsonLine;
import dev.weir.common.OwnedBy;
import dev.weir.v1.Budget;
import dev.weir.v1.GetServerInfoResponse;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code weir info}: prints what peers make a server hold, and what was refused. Owned by the main
 * thread.
 */
@OwnedBy("main thread")
@Command(
    name = "info",
    mixinStandardHelpOptions = true,
    description =
        "Tells how much of each of a server's budgets is used: what its peers make it hold.",
    footer = {
      "",
      "Columns: BUDGET (the limit that sets it), UNIT, LIMIT, USED, REFUSED (how often something was",
      "refused because of it since the server started).",
      "",
      "Examples:",
      "  bin/weir info",
      "  bin/weir info --json"
    })
final class InfoCommand implements Callable<Integer> {

  private final StandardStreams streams;

  @Option(names = "--json", description = "One JSON object per budget.")
  private boolean json;

  @Mixin private ServerOption server;

  InfoCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() {
    return server.with(
        client -> {
          GetServerInfoResponse info = client.serverInfo();
          if (!json) {
            streams
                .out()
                .printf(
                    "%-24s %-6s %18s %18s %10s%n", "BUDGET", "UNIT", "LIMIT", "USED", "REFUSED");
          }
          info.getBudgetsList().forEach(this::print);
          streams.flush();
          return 0;
        });
  }

  private void print(Budget budget) {
    if (json) {
      streams
          .out()
          .println(
              new JsonLine()
                  .put("budget", budget.getName())
                  .put("unit", budget.getUnit())
                  .put("limit", budget.getLimit())
                  .put("used", budget.getUsed())
                  .put("refusals", budget.getRefusals())
                  .end());
      return;
    }
    streams
        .out()
        .printf(
            Locale.ROOT,
            "%-24s %-6s %,18d %,18d %,10d%n",
            budget.getName(),
            budget.getUnit(),
            budget.getLimit(),
            budget.getUsed(),
            budget.getRefusals());
  }
}
