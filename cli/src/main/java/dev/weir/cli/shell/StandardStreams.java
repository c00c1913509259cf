package dev.weir.cli.shell;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * The streams of a command. Immutable; the streams themselves are thread-safe.
 *
 * @param in standard input
 * @param out results, buffered: whoever writes also flushes
 * @param err messages for people
 * @param outIsTerminal whether somebody watches {@code out}
 * @param errIsTerminal whether somebody watches {@code err}
 */
public record StandardStreams(
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean outIsTerminal,
    boolean errIsTerminal) {
  private static final int OUT_BYTES = 1 << 16;

  /** The streams of this process, in UTF-8. bin/weir sets which of them are terminals. */
  public static StandardStreams ofProcess() {
    return new StandardStreams(
        System.in,
        new PrintStream(
            new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), OUT_BYTES),
            false,
            StandardCharsets.UTF_8),
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
        Boolean.getBoolean("weir.out.terminal"),
        Boolean.getBoolean("weir.err.terminal"));
  }

  /** Writes a line of results now. */
  public void say(String line) {
    out.println(line);
    flush();
  }

  /**
   * Writes what is buffered.
   *
   * @throws CommandFailure if nobody reads it any more
   */
  public void flush() {
    if (out.checkError()) {
      throw new CommandFailure("standard output was closed before everything was written");
    }
  }
}
