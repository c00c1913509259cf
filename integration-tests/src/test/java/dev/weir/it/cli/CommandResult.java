package dev.weir.it.cli;

import dev.weir.cli.WeirCommand;
import dev.weir.cli.shell.StandardStreams;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One {@code weir} command that was run in this process. Immutable.
 *
 * @param exitCode its exit code
 * @param out its lines of results
 * @param err its messages for people
 * @param line the command line, for messages
 */
record CommandResult(int exitCode, List<String> out, String err, String line) {
  /** As the process buffers them. */
  private static final int OUT_BYTES = 1 << 16;

  /** Runs a command to its end. */
  static CommandResult of(List<?> arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CommandResult call = to(out, arguments);
    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    return new CommandResult(call.exitCode, lines, call.err, call.line);
  }

  /** The same with its results going elsewhere. */
  static CommandResult to(OutputStream out, List<?> arguments) {
    List<String> words = new ArrayList<>();
    arguments.forEach(argument -> words.add(argument.toString()));
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    StandardStreams streams =
        new StandardStreams(
            InputStream.nullInputStream(),
            new PrintStream(
                new BufferedOutputStream(out, OUT_BYTES), false, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false,
            false);
    int exitCode = WeirCommand.run(streams, words.toArray(String[]::new));
    return new CommandResult(
        exitCode,
        List.of(),
        err.toString(StandardCharsets.UTF_8),
        "weir " + String.join(" ", words));
  }
}
