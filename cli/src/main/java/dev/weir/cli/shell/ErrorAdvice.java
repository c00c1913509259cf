package dev.weir.cli.shell;

import dev.weir.client.WeirException;

/** Advice for people on what to do about an error. Stateless. */
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
      case "TOPIC_NOT_FOUND" -> with(e, "`bin/weir topics create NAME` creates a topic.");
      case "KIND_MISMATCH" -> with(e, "--kind tells this command which kind the values have.");
      case "SESSION_NOT_FOUND" -> with(e, "`bin/weir sessions` lists the open ones.");
      case "CURSOR_NOT_FOUND" -> with(e, "`bin/weir cursors TOPIC` lists them.");
      case "CURSOR_EXPIRED" ->
          with(e, "With this command, --on-expired earliest or latest goes on after a gap.");
      case "CURSOR_INVALID" ->
          with(
              e,
              "With this command, --from takes earliest, latest, a time, or a cursor of this topic.");
      default -> e.getMessage();
    };
  }

  private static String with(WeirException e, String advice) {
    return e.getMessage() + (e.getMessage().endsWith(".") ? " " : ". ") + advice;
  }

  /** The failure of the first call, before which nothing shows that a Weir server is there. */
  static CommandFailure firstFailure(String server, WeirException e) {
    return e.reason().equals("DEADLINE_EXCEEDED")
        ? new CommandFailure(
            with(e, "Is there a Weir server at " + server + ", and is it healthy?"), e)
        : failure(server, e);
  }

  /** Returns the error of the operating system, which the transport wraps. */
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
