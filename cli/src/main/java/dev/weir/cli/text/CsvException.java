package dev.weir.cli.text;

/** Text that is not CSV; the message names the line. */
public final class CsvException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CsvException(long line, String message) {
    super("line " + line + ": " + message);
  }
}
