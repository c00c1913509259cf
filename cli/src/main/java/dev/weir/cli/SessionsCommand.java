package dev.weir.cli;

import dev.weir.cli.shell.CliRuntime;
import dev.weir.cli.shell.ServerOption;
import dev.weir.cli.shell.SessionAdminCalls;
import dev.weir.cli.shell.StandardStreams;
import dev.weir.cli.text.JsonLine;
import dev.weir.common.OwnedBy;
import dev.weir.v1.GetSessionResponse;
import dev.weir.v1.Session;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code weir sessions}: lists open sessions, explains why one does not move, or ends it. Owned by
 * the main thread.
 */
@OwnedBy("main thread")
@Command(
    name = "sessions",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the open streaming calls of a server; with ID, shows what that one publishes, or"
          + " where",
      "its subscriptions stand and why they are not moving."
    },
    footer = {
      "",
      "Columns: SESSION, METHOD, CLIENT, PEER, AGE, IDLE (since anything was sent or received),",
      "READING (no: something sent is still unread).",
      "",
      "With --json and ID: one object for the session, then one for each subscription or for what",
      "it publishes; \"type\" says which. Ages are by this machine's clock.",
      "",
      "Examples:",
      "  bin/weir sessions",
      "  bin/weir sessions ID",
      "  bin/weir sessions ID --end --message 'restarting line 3'"
    })
final class SessionsCommand implements Callable<Integer> {
  private static final String ROW = "%-28s %-13s  %-20s  %-21s  %8s %8s  %s%n";
  private static final int MESSAGE_BYTES_MAX = 256;

  private final StandardStreams streams;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "ID", arity = "0..1", description = "A session's id.")
  private String id;

  @Option(names = "--end", description = "Ends the session ID; its client may come back.")
  private boolean end;

  @Option(
      names = "--message",
      paramLabel = "TEXT",
      description = "With --end: told to the client, at most 256 bytes.")
  private String message;

  @Option(names = "--json", description = "JSON objects, one a line.")
  private boolean json;

  @Mixin private ServerOption server;

  SessionsCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() {
    require(!end || id != null, "--end goes with ID");
    require(message == null || end, "--message goes with --end");
    require(
        message == null || message.getBytes(StandardCharsets.UTF_8).length <= MESSAGE_BYTES_MAX,
        "--message: at most " + MESSAGE_BYTES_MAX + " bytes");
    return server.withSessions(
        calls -> {
          if (end) {
            return end(calls);
          }
          return id == null ? list(calls.list()) : tell(calls.get(id));
        });
  }

  private void require(boolean holds, String words) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), words);
    }
  }

  private int end(SessionAdminCalls calls) {
    calls.end(id, message == null ? "" : message);
    streams.say(
        json
            ? new JsonLine().put("session", id).put("ended", true).end()
            : "session " + id + " is ended");
    return 0;
  }

  private int list(List<Session> sessions) {
    if (!json) {
      streams.out().printf(ROW, "SESSION", "METHOD", "CLIENT", "PEER", "AGE", "IDLE", "READING");
    }
    SessionText text = new SessionText(CliRuntime.epochNanos());
    for (Session session : sessions) {
      if (json) {
        streams.out().println(SessionJson.session(session));
      } else {
        streams.out().printf(ROW, text.columns(session));
      }
    }
    streams.flush();
    return 0;
  }

  private int tell(GetSessionResponse session) {
    List<String> lines =
        json ? SessionJson.lines(session) : new SessionText(CliRuntime.epochNanos()).lines(session);
    lines.forEach(streams.out()::println);
    streams.flush();
    return 0;
  }
}
