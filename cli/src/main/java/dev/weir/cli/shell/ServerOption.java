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

  private static final String CLIENT_NAME = "weir-cli";
  private static final long RETRY_SECONDS_MAX = Duration.ofDays(36_500).toSeconds();

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
    // A variable that is set to nothing is as good as none.
    return server.isEmpty() ? SERVER_DEFAULT : server;
  }

  /**
   * Runs something with a client of a server that is known to be there.
   *
   * @throws Failure for whatever the client or the server refuses
   */
  public <T> T with(Function<WeirClient, T> work) {
    if (retrySeconds < 0 || retrySeconds > RETRY_SECONDS_MAX) {
      throw new Failure(
          "--retry-seconds: " + retrySeconds + " (expected 0 to " + RETRY_SECONDS_MAX + ")");
    }
    ClientOptions options;
    try {
      options =
          ClientOptions.builder(server())
              .clientName(CLIENT_NAME)
              .giveUpAfter(Duration.ofSeconds(retrySeconds))
              .build();
    } catch (IllegalArgumentException e) {
      throw new Failure(e.getMessage(), e);
    }
    require();
    try (WeirClient client = WeirClient.connect(options)) {
      client.serverInfo();
      return work.apply(client);
    } catch (WeirException e) {
      throw Advice.failure(server(), e);
    }
  }

  /**
   * Asks a server that is known to be there about its sessions.
   *
   * @throws Failure for whatever the server refuses
   */
  public <T> T withSessions(Function<SessionCalls, T> work) {
    require();
    try (SessionCalls calls = SessionCalls.connect(server())) {
      return work.apply(calls);
    } catch (WeirException e) {
      throw Advice.failure(server(), e);
    }
  }

  /** Sessions go on trying for minutes; a server that was never there is told at once. */
  private void require() {
    Reach.require(server());
  }
}
