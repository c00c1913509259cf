package dev.weir.cli.text;

import dev.weir.common.OwnedBy;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;

/**
 * Reads CSV after RFC 4180: commas, quotes doubled inside quotes, line ends inside quotes, LF or
 * CRLF; a byte order mark and empty lines are skipped. Owned by the thread that reads; a row is
 * handed out as soon as its line has arrived.
 */
@OwnedBy("reading thread")
public final class CsvReader {
  private final CsvRowText text;
  private final Iterator<CSVRecord> rows;

  /** Reads UTF-8; bytes that are none are an error. */
  public CsvReader(InputStream in) {
    text = new CsvRowText(in);
    try {
      rows = CSVFormat.RFC4180.parse(text).iterator();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Number of the line on which the row last read began, from 1. */
  public long line() {
    return text.rowLine();
  }

  /**
   * The fields of the next row, or null at the end. Blocks on input.
   *
   * @throws CsvException on what is not CSV; nothing can be read behind it
   */
  public List<String> next() throws IOException {
    text.beginRow();
    try {
      if (!rows.hasNext()) {
        return null;
      }
      List<String> fields = rows.next().toList();
      text.check(fields);
      return fields;
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof CSVException) {
        throw text.unparsed();
      }
      throw e.getCause();
    }
  }
}
