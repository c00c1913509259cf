package dev.weir.it.cli;

import dev.weir.cli.Weir;
import dev.weir.cli.shell.Streams;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One {@code weir} command that was run in this process. Immutable.
 *
 * @param exitCode its exit code
 * @param out its lines of results
 * @param err its words for people
 * @param line the command line, for messages
 */
record WeirCall(int exitCode, List<String> out, String err, String line) {
  /** Runs a command to its end. */
  static WeirCall of(List<?> arguments) {
    List<String> words = new ArrayList<>();
    arguments.forEach(argument -> words.add(argument.toString()));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Streams streams =
        new Streams(
            InputStream.nullInputStream(),
            new PrintStream(out, false, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false,
            false);
    int exitCode = Weir.run(streams, words.toArray(String[]::new));
    return new WeirCall(
        exitCode,
        out.toString(StandardCharsets.UTF_8).lines().toList(),
        err.toString(StandardCharsets.UTF_8),
        "weir " + String.join(" ", words));
  }
}
