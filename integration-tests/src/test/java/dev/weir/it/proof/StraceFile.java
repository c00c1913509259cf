package dev.weir.it.proof;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file that {@code strace -f -o} wrote. Stateless.
 *
 * <p>The tracer stops a thread when it enters a call and when it leaves it, and prints in the order
 * in which it saw that; a call during which it printed something else is in two lines, {@code
 * unfinished} and {@code resumed}. So if the line of one call's end comes before the line of
 * another call's beginning, the first had ended in the kernel before the second began there.
 */
final class StraceFile {
  private static final Pattern WHOLE =
      Pattern.compile("(\\d+) +(\\w+)\\((.*)\\) += (-?\\d+|\\?)(?:<.*>)?( .*)?", Pattern.DOTALL);
  private static final Pattern UNFINISHED =
      Pattern.compile("(\\d+) +(\\w+)\\((.*?),? *<unfinished \\.\\.\\.>", Pattern.DOTALL);
  private static final Pattern RESUMED =
      Pattern.compile(
          "(\\d+) +<\\.\\.\\. (\\w+) resumed>(.*)\\) += (-?\\d+|\\?)(?:<.*>)?( .*)?",
          Pattern.DOTALL);

  /** Takes calls, at their beginning and at their end, in the order of the trace. */
  interface Reader {
    /** A call begins; it has no result yet. */
    void onEntered(SystemCall call);

    /** A call ended. */
    void onLeft(SystemCall call);
  }

  private StraceFile() {}

  private record Begun(String name, String arguments, long line) {}

  static void read(Path file, Reader reader) throws IOException {
    Map<String, Begun> unfinished = new HashMap<>();
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      long number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        Matcher whole = WHOLE.matcher(line);
        Matcher first = UNFINISHED.matcher(line);
        Matcher second = RESUMED.matcher(line);
        if (second.matches()) {
          Begun begun = unfinished.remove(second.group(1));
          if (begun != null) {
            String arguments = begun.arguments() + second.group(3);
            reader.onLeft(
                new SystemCall(
                    begun.name(), arguments, begun.line(), number, result(second.group(4))));
          }
        } else if (first.matches()) {
          Begun begun = new Begun(first.group(2), first.group(3), number);
          unfinished.put(first.group(1), begun);
          reader.onEntered(new SystemCall(begun.name(), begun.arguments(), number, -1, -1));
        } else if (whole.matches()) {
          String name = whole.group(2);
          String arguments = whole.group(3);
          reader.onEntered(new SystemCall(name, arguments, number, -1, -1));
          reader.onLeft(new SystemCall(name, arguments, number, number, result(whole.group(4))));
        }
      }
    }
  }

  private static long result(String text) {
    return text.equals("?") ? -1 : Long.parseLong(text);
  }
}
