package dev.weir.cli.csv;

import dev.weir.cli.shell.CommandFailure;
import dev.weir.cli.text.CsvException;
import dev.weir.cli.text.CsvReader;
import dev.weir.cli.text.TimeText;
import dev.weir.common.OwnedBy;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** The rows of a CSV file as readings. Owned by the thread that publishes; reads as it goes. */
@OwnedBy("main thread")
public final class CsvRowReader implements Iterator<CsvRow> {
  private final CsvReader csv;
  private final int columns;
  private final int timeColumn;
  private final int valueColumn;
  private final int sensorColumn;
  private final String sensor;
  private List<String> next;

  private CsvRowReader(
      CsvReader csv, List<String> header, String time, String value, String sensor, String named) {
    this.csv = csv;
    this.columns = header.size();
    this.timeColumn = column(header, time);
    this.valueColumn = column(header, value);
    this.sensorColumn = named == null ? -1 : column(header, named);
    this.sensor = sensor;
  }

  /**
   * Reads the header.
   *
   * @param timeColumn header of the column of times
   * @param valueColumn header of the column of values
   * @param sensor the sensor of all rows; null: there is a column
   * @param sensorColumn header of the column of sensors; null: there is none
   * @throws CommandFailure if it has not these columns once each
   */
  static CsvRowReader open(
      InputStream in, String timeColumn, String valueColumn, String sensor, String sensorColumn) {
    CsvReader csv = new CsvReader(in);
    List<String> header = read(csv);
    if (header == null) {
      throw new CommandFailure("the CSV is empty (expected a header row)");
    }
    return new CsvRowReader(csv, header, timeColumn, valueColumn, sensor, sensorColumn);
  }

  private static int column(List<String> header, String name) {
    int at = header.indexOf(name);
    if (at < 0 || at != header.lastIndexOf(name)) {
      throw new CommandFailure(
          "the CSV has "
              + (at < 0 ? "no column " : "several columns ")
              + name
              + " (its header: "
              + String.join(", ", header)
              + ")");
    }
    return at;
  }

  /** Number of the line on which the row last given began, from 1. */
  public long line() {
    return csv.line();
  }

  @Override
  public boolean hasNext() {
    if (next == null) {
      next = read(csv);
    }
    return next != null;
  }

  @Override
  public CsvRow next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    List<String> fields = next;
    next = null;
    if (fields.size() != columns) {
      throw new IllegalArgumentException(
          "fields: " + fields.size() + " (expected " + columns + ", as in the header)");
    }
    return new CsvRow(
        sensorColumn < 0 ? sensor : fields.get(sensorColumn),
        TimeText.parse(fields.get(timeColumn)),
        fields.get(valueColumn));
  }

  private static List<String> read(CsvReader csv) {
    try {
      return csv.next();
    } catch (CsvException e) {
      throw new CommandFailure(e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
