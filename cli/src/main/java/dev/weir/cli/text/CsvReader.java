package dev.weir.cli.text;

import dev.weir.common.OwnedBy;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads CSV after RFC 4180: commas, quotes doubled inside quotes, line ends inside quotes, LF or
 * CRLF; a byte order mark and empty lines are skipped. Owned by the thread that reads; a row is
 * handed out as soon as its line has arrived.
 */
@OwnedBy("reading thread")
public final class CsvReader {
  /**
   * Most characters of one row; more is an error, so that a missing quote cannot eat the memory.
   */
  static final int ROW_CHARS_MAX = 1 << 20;

  private static final int END = -1;

  private final Reader in;
  private final char[] buffer = new char[1 << 16];
  private int position;
  private int limit;
  private long line = 1;
  private long rowLine;
  private int rowChars;

  /** Reads UTF-8; bytes that are none are an error. */
  public CsvReader(InputStream in) {
    this.in = new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder());
  }

  /** Number of the line on which the row last read began, from 1. */
  public long line() {
    return rowLine;
  }

  /**
   * The fields of the next row, or null at the end. Blocks on input.
   *
   * @throws CsvException on what is not CSV; nothing can be read behind it
   */
  public List<String> next() throws IOException {
    try {
      int first = read();
      if (first == 0xfeff && line == 1) {
        first = read();
      }
      while (first == '\n' || first == '\r') {
        first = read();
      }
      if (first == END) {
        return null;
      }
      rowLine = line;
      rowChars = 0;
      return row(first);
    } catch (CharacterCodingException e) {
      throw new CsvException(line, "not UTF-8 (expected a file in UTF-8)");
    }
  }

  private List<String> row(int first) throws IOException {
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    int c = first;
    while (true) {
      c = c == '"' ? quoted(field) : plain(c, field);
      fields.add(field.toString());
      charge();
      field.setLength(0);
      if (c != ',') {
        return fields;
      }
      c = read();
    }
  }

  /** Reads a field that began with a quote; returns what ended it: ',', '\n' or END. */
  private int quoted(StringBuilder field) throws IOException {
    while (true) {
      int c = read();
      if (c == END) {
        throw new CsvException(rowLine, "a quote is not closed (expected a \" before the end)");
      }
      if (c != '"') {
        append(field, c);
        continue;
      }
      c = read();
      if (c == '"') {
        append(field, c);
      } else {
        c = lineEnd(c);
        if (c == ',' || c == '\n' || c == END) {
          return c;
        }
        throw new CsvException(line, "text behind a closing quote (expected a comma or line end)");
      }
    }
  }

  /** Reads a field without quotes from its first character; returns what ended it. */
  private int plain(int first, StringBuilder field) throws IOException {
    for (int c = first; ; c = read()) {
      c = lineEnd(c);
      if (c == ',' || c == '\n' || c == END) {
        return c;
      }
      if (c == '"') {
        throw new CsvException(
            line, "a quote inside a field (expected the whole field in quotes, quotes doubled)");
      }
      append(field, c);
    }
  }

  private int lineEnd(int c) throws IOException {
    if (c != '\r') {
      return c;
    }
    int next = read();
    if (next != '\n' && next != END) {
      throw new CsvException(line, "a carriage return without line feed (expected LF or CRLF)");
    }
    return next;
  }

  private void append(StringBuilder field, int c) {
    charge();
    field.append((char) c);
  }

  private void charge() {
    if (++rowChars > ROW_CHARS_MAX) {
      throw new CsvException(
          rowLine,
          "a row of more than " + ROW_CHARS_MAX + " characters (is a closing quote missing?)");
    }
  }

  private int read() throws IOException {
    if (position == limit) {
      limit = in.read(buffer, 0, buffer.length);
      position = 0;
      if (limit <= 0) {
        limit = 0;
        return END;
      }
    }
    char c = buffer[position++];
    if (c == '\n') {
      line++;
    }
    return c;
  }
}
