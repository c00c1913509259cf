package dev.weir.cli.csv;

import dev.weir.cli.shell.CommandFailure;
import dev.weir.client.SpoolStatus;
import dev.weir.common.OwnedBy;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * The position in its CSV of a publisher with a spool: the number of rows it accepted, and a
 * checksum by which a later run knows that its input begins with the same rows. Owned by the main
 * thread.
 *
 * <p>Its position is {@code csv rows=N crc=X} within an input, and {@code csv done rows=N crc=X} at
 * its end.
 */
@OwnedBy("main thread")
public final class CsvResumePoint {
  private static final Pattern POSITION =
      Pattern.compile("csv (?<done>done )?rows=(?<rows>\\d{1,18}) crc=(?<crc>[0-9a-f]{1,8})");

  private final CRC32C sum = new CRC32C();
  private final String directory;
  private long rows;

  /**
   * At the beginning of an input.
   *
   * @param directory of the spool, for messages
   */
  public CsvResumePoint(String directory) {
    this.directory = directory;
  }

  /** Returns whether no input is under way: what is published now belongs to none. */
  public static boolean isBetweenInputs(SpoolStatus status) {
    Matcher position = POSITION.matcher(status.position());
    return status.position().isEmpty() || (position.matches() && position.group("done") != null);
  }

  /**
   * Returns whether an input begins with the rows of an earlier one that was read to its end.
   *
   * @param input read as far as needed
   */
  public boolean beginsAgain(SpoolStatus status, Iterator<CsvRow> input) {
    Matcher position = POSITION.matcher(status.position());
    return position.matches() && read(input, position);
  }

  /**
   * Reads over the rows of this input that an earlier run published.
   *
   * @throws CommandFailure where the input begins with others
   */
  public void skip(SpoolStatus status, Iterator<CsvRow> input) {
    Matcher position = POSITION.matcher(status.position());
    boolean same = position.matches() && read(input, position);
    long behind = isBetweenInputs(status) ? 0 : status.readingsBehindPosition();
    for (long i = 0; same && i < behind; i++) {
      same = input.hasNext();
      if (same) {
        published(input.next());
      }
    }
    if (!same) {
      throw new CommandFailure(
          "the spool in "
              + directory
              + " holds rows of an input that was not read to its end, and this one does not begin"
              + " with them: finish that one first, or use another --spool and --producer");
    }
  }

  private boolean read(Iterator<CsvRow> input, Matcher position) {
    long count = Long.parseLong(position.group("rows"));
    while (rows < count) {
      if (!input.hasNext()) {
        return false;
      }
      published(input.next());
    }
    return Long.toHexString(sum.getValue()).equals(position.group("crc"));
  }

  /** One more row was published. */
  public void published(CsvRow row) {
    add(row.sensor());
    add(Long.toString(row.timeNanos()));
    add(row.value());
    rows++;
  }

  private void add(String field) {
    sum.update(field.getBytes(StandardCharsets.UTF_8));
    sum.update('\n');
  }

  /** Returns the number of rows published. */
  public long rows() {
    return rows;
  }

  /** Returns the position after the row published last. */
  public String position() {
    return "csv rows=" + rows + " crc=" + Long.toHexString(sum.getValue());
  }

  /** The position at the end of the input. */
  public String done() {
    return "csv done rows=" + rows + " crc=" + Long.toHexString(sum.getValue());
  }
}
