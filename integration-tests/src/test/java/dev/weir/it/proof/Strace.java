package dev.weir.it.proof;

import dev.weir.it.process.ProcessLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The tracer of system calls. Stateless. */
final class Strace {
  static final String MISSING =
      "strace is missing, or may not trace here; it is needed to see the server's system calls"
          + " (Linux; Debian and Ubuntu: apt-get install strace)";

  /**
   * The length beyond which the trace cuts strings: whatever a server writes to a connection at
   * once fits.
   */
  private static final int STRING_BYTES_MAX = 1 << 20;

  private static final String CALLS =
      "openat,pwrite64,ftruncate,fdatasync,fsync,write,writev,sendmsg,sendto";

  private Strace() {}

  /** Returns whether a program can be traced on this machine. */
  static boolean isThere() throws InterruptedException {
    try {
      Process trial =
          new ProcessBuilder("strace", "-f", "-o", "/dev/null", "true")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return ProcessLimits.exitCode(trial) == 0;
    } catch (IOException notFound) {
      return false;
    }
  }

  /**
   * Returns the command that starts a program under the tracer: all of its writes and syncs go to a
   * file.
   */
  static String[] tracing(Path to) {
    return command(to, List.of("-e", "trace=" + CALLS));
  }

  /**
   * The same, of the calls on one file only, some of which fail.
   *
   * @param injection such as {@code fdatasync:error=EIO:when=3}, counted by thread
   */
  static String[] failing(Path to, Path victim, String injection) {
    return command(
        to, List.of("-P", victim.toString(), "-e", "trace=" + CALLS, "-e", "inject=" + injection));
  }

  private static String[] command(Path to, List<String> what) {
    List<String> command = new ArrayList<>(List.of("strace", "-f", "-y", "-x"));
    command.addAll(List.of("-s", Integer.toString(STRING_BYTES_MAX), "-o", to.toString()));
    command.addAll(what);
    command.add("--");
    return command.toArray(String[]::new);
  }
}
