package dev.weir.cli.text;

import dev.weir.common.OwnedBy;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The text of a CSV, read one row at a time. It gives the parser at most one line per call, so that
 * the parser never reads ahead of a row, and it keeps the text of the row: commons-csv accepts rows
 * that RFC 4180 forbids, and {@link #check} refuses them. Owned by the thread that reads.
 */
@OwnedBy("reading thread")
final class CsvRowText extends Reader {
  /**
   * Most characters of one row; more is an error, so that a missing quote cannot eat the memory.
   */
  static final int ROW_CHARS_MAX = 1 << 20;

  private static final int END = -1;
  private static final int BYTE_ORDER_MARK = 0xfeff;

  private final Reader in;
  private final char[] block = new char[1 << 16];
  private final StringBuilder row = new StringBuilder();
  private int position;
  private int limit;
  private long rowLine = 1;
  private long lineEnds;
  private boolean begun;
  private boolean atEnd;

  CsvRowText(InputStream in) {
    this.in = new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder());
  }

  /** Forgets the row before: what is read from here on belongs to the next one. */
  void beginRow() {
    row.setLength(0);
  }

  /** Number of the line on which the row began, from 1. */
  long rowLine() {
    return rowLine;
  }

  /** Refuses a row in the line read last, of which the parser can make nothing. */
  CsvException unparsed() {
    return atEnd
        ? new CsvException(rowLine, "a quote is not closed (expected a \" before the end)")
        : textBehindQuote(lineAt(row.length() - 1));
  }

  @Override
  public int read(char[] to, int from, int length) throws IOException {
    if (row.isEmpty()) {
      beginText();
    }
    atEnd = !fill();
    if (atEnd) {
      return END;
    }
    int first = position;
    int end = first + Math.min(length, limit - first);
    boolean lineEnd = false;
    while (position < end && !lineEnd) {
      lineEnd = block[position++] == '\n';
    }
    append(first, position - first);
    lineEnds += lineEnd ? 1 : 0;
    System.arraycopy(block, first, to, from, position - first);
    return position - first;
  }

  /** Passes over the byte order mark and empty lines, to where the row begins. */
  private void beginText() throws IOException {
    if (!begun && fill() && block[position] == BYTE_ORDER_MARK) {
      position++;
    }
    begun = true;
    while (fill() && (block[position] == '\n' || block[position] == '\r')) {
      lineEnds += block[position] == '\n' ? 1 : 0;
      position++;
    }
    rowLine = limit == END ? rowLine : lineEnds + 1;
  }

  /** Returns whether there is a character to read; waits for it. */
  private boolean fill() throws IOException {
    if (position < limit || limit == END) {
      return limit != END;
    }
    try {
      position = 0;
      limit = in.read(block);
      return limit != END;
    } catch (CharacterCodingException e) {
      throw new CsvException(lineEnds + 1, "not UTF-8 (expected a file in UTF-8)");
    }
  }

  private void append(int from, int count) {
    if (row.length() + count > ROW_CHARS_MAX) {
      throw new CsvException(
          rowLine,
          "a row of more than " + ROW_CHARS_MAX + " characters (is a closing quote missing?)");
    }
    row.append(block, from, count);
  }

  /**
   * Refuses a row that is not written as RFC 4180 says.
   *
   * @param fields what the parser made of the row
   * @throws CsvException with the line
   */
  void check(List<String> fields) {
    int at = 0;
    for (String field : fields) {
      boolean quoted = at < row.length() && row.charAt(at) == '"';
      int quotes = count('"', field, field.length());
      if (!quoted && quotes > 0) {
        throw new CsvException(
            lineAt(at),
            "a quote inside a field (expected the whole field in quotes, quotes doubled)");
      }
      at += field.length() + (quoted ? 2 + quotes : 0);
      checkEnd(at);
      at++;
    }
  }

  /** Checks that a comma, a line end or the end of the input follows a field. */
  private void checkEnd(int at) {
    if (at == row.length() || row.charAt(at) == ',' || row.charAt(at) == '\n') {
      return;
    }
    if (row.charAt(at) != '\r') {
      throw textBehindQuote(lineAt(at));
    }
    if (at + 1 < row.length() && row.charAt(at + 1) != '\n') {
      throw new CsvException(
          lineAt(at), "a carriage return without line feed (expected LF or CRLF)");
    }
  }

  private static CsvException textBehindQuote(long line) {
    return new CsvException(line, "text behind a closing quote (expected a comma or line end)");
  }

  private long lineAt(int at) {
    return rowLine + count('\n', row, at);
  }

  private static int count(char c, CharSequence in, int chars) {
    int count = 0;
    for (int i = 0; i < chars; i++) {
      count += in.charAt(i) == c ? 1 : 0;
    }
    return count;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
