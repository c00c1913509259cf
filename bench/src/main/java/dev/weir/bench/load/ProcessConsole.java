package dev.weir.bench.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** The line between a bench process and the runner: its standard input and output. Stateless. */
public final class ProcessConsole {
  /** Handles the commands that a process receives. */
  public interface Commands {
    /** The answer to a command that may have one argument, or empty. */
    KeyValues onCommand(String command, String argument) throws Exception;
  }

  private ProcessConsole() {}

  /**
   * Prints the line that the runner waits for first, then answers its commands until it sends
   * {@code exit} or is gone. Every process answers {@code mark} with its readings so far and its
   * {@link BenchRuntime#usage}.
   */
  public static void serve(KeyValues ready, Commands commands) throws Exception {
    answer(ready);
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null && !line.equals("exit"); line = in.readLine()) {
      int space = line.indexOf(' ');
      String command = space < 0 ? line : line.substring(0, space);
      KeyValues fields = commands.onCommand(command, space < 0 ? "" : line.substring(space + 1));
      answer(command.equals("mark") ? fields.with(BenchRuntime.usage()) : fields);
    }
  }

  private static void answer(KeyValues fields) throws IOException {
    System.out.println(fields);
    if (System.out.checkError()) {
      throw new IOException("standard output is closed");
    }
  }

  public static IllegalArgumentException unknown(String command) {
    return new IllegalArgumentException("unknown command: " + command);
  }
}
