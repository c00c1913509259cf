package dev.weir.cli;

import dev.weir.cli.shell.ExampleCommands;
import dev.weir.cli.text.SizeText;
import dev.weir.service.app.WeirServer;
import dev.weir.service.config.Limit;
import dev.weir.service.config.ServerConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * The text that a server prints when it is ready: one line for machines, then lines to copy.
 * Stateless.
 */
final class ServeBanner {
  private static final String TOPIC = "first";

  private ServeBanner() {}

  static List<String> lines(WeirServer server) {
    ServerConfig config = server.config();
    String address = address(server.host(), server.port());
    List<String> lines = new ArrayList<>();
    // The level is that of topics that choose none, and the engine is theirs.
    lines.add(
        "weir ready grpc="
            + address
            + " engine="
            + server.engine()
            + " durability=SYNCED data="
            + config.dataDir().toAbsolutePath().normalize());
    lines.add("");
    ExampleCommands copyable =
        new ExampleCommands(address(reachable(server.host()), server.port()), config.reflection());
    if (config.developmentMode()) {
      lines.add("Development mode: missing topics are created. A configuration file turns it off.");
    } else {
      lines.add("Create a topic:");
      lines.add("  " + copyable.weir("topics create " + TOPIC));
    }
    lines.add("A first publish, and a first tail:");
    lines.add("  " + copyable.weir("publish " + TOPIC + " boiler/temperature 21.5"));
    lines.add("  " + copyable.weir("tail " + TOPIC + " --from earliest --until now"));
    lines.add("The same with grpcurl (`make grpcurl` installs one):");
    lines.add("  " + copyable.grpcPublish(TOPIC, "boiler/temperature", 21.5));
    lines.add("  " + copyable.grpcTail(TOPIC, true));
    lines.add(
        "A topic keeps the newest "
            + SizeText.words(config.limits().get(Limit.RETENTION_BYTES))
            + " of each partition unless it says otherwise (topics --help).");
    lines.add(
        "It is fsynced before the ack (SYNCED) unless it was created as BUFFERED, which survives a"
            + " killed");
    lines.add("process but not a lost machine, or MEMORY, which is gone after a restart.");
    lines.add("Ctrl-C stops the server.");
    return lines;
  }

  private static String reachable(String host) {
    return host.equals("0.0.0.0") ? "127.0.0.1" : host.equals("::") ? "::1" : host;
  }

  private static String address(String host, int port) {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
