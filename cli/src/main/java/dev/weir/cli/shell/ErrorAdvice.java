package dev.weir.cli.shell;

import dev.weir.client.WeirException;

/** What to do about an error, in words. Stateless. */
public final class ErrorAdvice {
  private static final int UNAVAILABLE = 14;

  private ErrorAdvice() {}

  /** The failure to end a command with. */
  public static CommandFailure failure(String server, WeirException e) {
    return new CommandFailure(of(server, e), e);
  }

  /** The text for an error that a server or the client gave. */
  public static String of(String server, WeirException e) {
    // The client names a broken call by its status; a server that is there names its own reason.
    if (e.code() == UNAVAILABLE && e.reason().equals("UNAVAILABLE")) {
      return noServer(server) + " (" + deepest(e).getMessage() + ")";
    }
    return switch (e.reason()) {
      case "DEADLINE_EXCEEDED" ->
          "no answer from " + server + " in time: is that a Weir server, and is it healthy?";
      case "TOPIC_NOT_FOUND" -> e.getMessage() + " (here: `bin/weir topics create NAME`)";
      case "KIND_MISMATCH" -> e.getMessage() + " (here: --kind says which kind values are)";
      case "SESSION_NOT_FOUND" -> e.getMessage() + " (here: `bin/weir sessions` lists them)";
      case "CURSOR_NOT_FOUND" -> e.getMessage() + " (here: `bin/weir cursors TOPIC` lists them)";
      case "CURSOR_EXPIRED" ->
          e.getMessage() + " (here: --on-expired earliest or latest goes on after a gap)";
      case "CURSOR_INVALID" ->
          e.getMessage()
              + " (here: --from takes earliest, latest, a time, or a cursor of this topic)";
      default -> e.getMessage();
    };
  }

  /** The transport wraps what the operating system said. */
  private static Throwable deepest(Throwable e) {
    Throwable deepest = e;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    return deepest;
  }

  static String noServer(String server) {
    return "no server at "
        + server
        + ": start one with `bin/weir serve`, or name another one with --server HOST:PORT or"
        + " WEIR_SERVER";
  }
}
