package dev.weir.bench.process;

import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.MemoryUse;
import dev.weir.bench.load.ProcessConsole;
import dev.weir.service.app.WeirServer;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.config.ServerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/**
 * A process that is a server, with the defaults of {@code weir serve} unless limits are given. Owns
 * nothing but the server. Commands: {@code mark}, {@code memory} (see {@link MemoryUse#settled}).
 */
public final class WeirServerProcess {
  private WeirServerProcess() {}

  /** Serves on a free port of loopback from {@code data=}, with {@code limits=name:value,…}. */
  public static void main(String[] args) throws Exception {
    KeyValues settings = KeyValues.parse(args);
    ServerConfig config =
        ServerConfig.defaults()
            .withPort(0)
            .withDataDir(Path.of(settings.text("data")))
            .withLimits(limits(settings.text("limits")));
    try (WeirServer server = WeirServer.start(config)) {
      KeyValues ready = KeyValues.none().with("port", server.port());
      ProcessConsole.serve(ready, WeirServerProcess::onCommand);
    }
  }

  private static KeyValues onCommand(String command, String argument) throws IOException {
    return switch (command) {
      case "mark" -> KeyValues.none().with("readings", 0);
      case "memory" -> MemoryUse.settled();
      default -> throw ProcessConsole.unknown(command);
    };
  }

  private static Limits limits(String text) {
    Map<Limit, Long> set = new EnumMap<>(Limit.class);
    for (String part : text.isEmpty() ? new String[0] : text.split(",", -1)) {
      int colon = part.indexOf(':');
      set.put(
          limit(part.substring(0, Math.max(colon, 0))), Long.valueOf(part.substring(colon + 1)));
    }
    return Limits.of(set);
  }

  private static Limit limit(String name) {
    for (Limit limit : Limit.values()) {
      if (limit.yamlName().equals(name)) {
        return limit;
      }
    }
    throw new IllegalArgumentException("limit " + name + " (expected a name of docs/limits.md)");
  }
}
