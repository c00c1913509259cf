package dev.weir.cli.shell;

import dev.weir.client.ClientOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.common.OwnedBy;
import dev.weir.service.config.ServerConfig;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The options of every command that talks to a server; they may also follow a subcommand. Owned by
 * the command.
 */
@OwnedBy("main thread")
public final class ServerOption {
  private static final String SERVER_DEFAULT = "127.0.0.1:" + ServerConfig.PORT_DEFAULT;

  private static final String CLIENT_NAME = "weir-cli";
  private static final long RETRY_SECONDS_MAX = Duration.ofDays(36_500).toSeconds();

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--server",
      scope = ScopeType.INHERIT,
      paramLabel = "HOST:PORT[,…]",
      defaultValue = "${env:WEIR_SERVER:-" + SERVER_DEFAULT + "}",
      description = {
        "The server, or several that share a log, with commas between;",
        "else WEIR_SERVER, else " + SERVER_DEFAULT + "."
      })
  private String server;

  @Option(
      names = "--retry-seconds",
      scope = ScopeType.INHERIT,
      paramLabel = "N",
      defaultValue = "300",
      description = "How long to go on trying when the server goes away; default ${DEFAULT-VALUE}.")
  private long retrySeconds;

  /** The server's address, or several with commas between. */
  public String server() {
    // A variable that is set to nothing is as good as none.
    return server.isEmpty() ? SERVER_DEFAULT : server;
  }

  /**
   * Runs something with a client of a server that is known to be there: sessions keep trying for
   * minutes, but a server that was never there is an error at once.
   *
   * @throws ParameterException where the options are wrong
   * @throws CommandFailure for whatever the client or the server refuses
   */
  public <T> T with(Function<WeirClient, T> work) {
    require();
    return withWhetherThereOrNot(
        client -> {
          requireAnswer(client);
          return work.apply(client);
        });
  }

  private void requireAnswer(WeirClient client) {
    try {
      client.serverInfo();
    } catch (WeirException e) {
      throw ErrorAdvice.firstFailure(server(), e);
    }
  }

  /**
   * Runs something with a client of a server that may come later.
   *
   * @throws ParameterException where the options are wrong
   * @throws CommandFailure for whatever the client or the server refuses
   */
  public <T> T withWhetherThereOrNot(Function<WeirClient, T> work) {
    requireAddress();
    try (WeirClient client = open(this::client)) {
      return work.apply(client);
    } catch (WeirException e) {
      throw ErrorAdvice.failure(server(), e);
    }
  }

  /**
   * Asks a server that is known to be there about its sessions.
   *
   * @throws ParameterException where the options are wrong
   * @throws CommandFailure for whatever the server refuses
   */
  public <T> T withSessions(Function<SessionAdminCalls, T> work) {
    String reached = require(); // sessions are a server's own
    try (SessionAdminCalls calls = open(() -> SessionAdminCalls.connect(reached))) {
      return work.apply(calls);
    } catch (WeirException e) {
      throw ErrorAdvice.failure(server(), e);
    }
  }

  private WeirClient client() {
    return WeirClient.connect(
        ClientOptions.builder(server())
            .clientName(CLIENT_NAME)
            .giveUpAfter(Duration.ofSeconds(retrySeconds))
            .build());
  }

  /** Makes what opens no connection yet: gRPC only judges the address. */
  private <T> T open(Supplier<T> unconnected) {
    try {
      return unconnected.get();
    } catch (IllegalArgumentException e) {
      throw wrong("--server: " + server() + " (expected HOST:PORT; " + e.getMessage() + ")");
    }
  }

  /**
   * Requires a server: sessions keep trying for minutes, but one that was never there is an error
   * at once.
   *
   * @return the first address at which there is one
   */
  private String require() {
    requireAddress();
    return PortProbe.first(server());
  }

  private void requireAddress() {
    if (retrySeconds < 0 || retrySeconds > RETRY_SECONDS_MAX) {
      throw wrong(
          "--retry-seconds: " + retrySeconds + " (expected 0 to " + RETRY_SECONDS_MAX + ")");
    }
    if (!PortProbe.isAddress(server())) {
      throw wrong("--server: " + server() + " (expected HOST:PORT, a port is at most 65535)");
    }
  }

  private ParameterException wrong(String words) {
    return new ParameterException(command.commandLine(), words);
  }
}
