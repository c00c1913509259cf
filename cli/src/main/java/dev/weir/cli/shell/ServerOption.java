package dev.weir.cli.shell;

import dev.weir.client.ClientOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.service.config.ServerConfig;
import dev.weir.service.core.OwnedBy;
import java.time.Duration;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** The options of every command that talks to a server. Owned by the command. */
@OwnedBy("main thread")
public final class ServerOption {
  private static final String SERVER_DEFAULT = "127.0.0.1:" + ServerConfig.PORT_DEFAULT;

  @Option(
      names = "--server",
      paramLabel = "HOST:PORT",
      defaultValue = "${env:WEIR_SERVER:-" + SERVER_DEFAULT + "}",
      description = "The server; else WEIR_SERVER, else " + SERVER_DEFAULT + ".")
  private String server;

  @Option(
      names = "--retry-seconds",
      paramLabel = "N",
      defaultValue = "300",
      description = "How long to go on trying when the server goes away; default ${DEFAULT-VALUE}.")
  private long retrySeconds;

  /** The server's address. */
  public String server() {
    return server;
  }

  /**
   * Runs something with a client of a server that is known to be there.
   *
   * @throws Failure for whatever the client or the server refuses
   */
  public <T> T with(Function<WeirClient, T> work) {
    if (server.isEmpty()) {
      // A variable that is set to nothing is as good as none.
      server = SERVER_DEFAULT;
    }
    ClientOptions options;
    try {
      options =
          ClientOptions.builder(server)
              .clientName("weir-cli")
              .giveUpAfter(Duration.ofSeconds(Math.max(0, retrySeconds)))
              .build();
    } catch (IllegalArgumentException e) {
      throw new Failure(e.getMessage(), e);
    }
    // Sessions go on trying for minutes; a server that was never there is told at once.
    Reach.require(server);
    try (WeirClient client = WeirClient.connect(options)) {
      client.serverInfo();
      return work.apply(client);
    } catch (WeirException e) {
      throw Advice.failure(server, e);
    }
  }
}
