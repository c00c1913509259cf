package dev.weir.cli.csv;

import dev.weir.cli.shell.CommandFailure;
import dev.weir.cli.shell.StandardStreams;
import dev.weir.common.OwnedBy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The CSV that is published, and its columns. Owned by the command. */
@OwnedBy("main thread")
public final class CsvOptions {
  @Option(
      names = "--csv",
      paramLabel = "FILE",
      description = "CSV with a header row; - is standard input.")
  private String file;

  @Option(names = "--time-column", paramLabel = "C", description = "Header of the column of times.")
  private String timeColumn;

  @Option(
      names = "--value-column",
      paramLabel = "C",
      description = "Header of the column of values.")
  private String valueColumn;

  @Option(names = "--sensor", paramLabel = "NAME", description = "The sensor of all rows.")
  private String rowsSensor;

  @Option(
      names = "--sensor-column",
      paramLabel = "C",
      description = "Header of the column of sensors.")
  private String sensorColumn;

  /** Returns whether there is a CSV. */
  public boolean given() {
    return file != null;
  }

  /** Returns whether the CSV is standard input, which can be read once only. */
  public boolean isStandardInput() {
    return file.equals("-");
  }

  /** Returns whether an option says what the rows are. */
  public boolean namesRows() {
    return timeColumn != null || valueColumn != null || rowsSensor != null || sensorColumn != null;
  }

  /** Returns whether the columns of times and values are named. */
  public boolean namesValues() {
    return timeColumn != null && valueColumn != null;
  }

  /** Returns whether it is said once of which sensors the rows are. */
  public boolean namesSensors() {
    return (rowsSensor == null) != (sensorColumn == null);
  }

  /** The rows of what {@link #open} gave. */
  public CsvRowReader rowsOf(InputStream in) {
    return CsvRowReader.open(in, timeColumn, valueColumn, rowsSensor, sensorColumn);
  }

  /**
   * Opens the input; the caller closes it.
   *
   * @throws CommandFailure if it cannot be read
   */
  public InputStream open(StandardStreams streams) throws IOException {
    if (isStandardInput()) {
      return streams.in();
    }
    Path path = Path.of(file);
    if (Files.isDirectory(path)) {
      throw new CommandFailure(file + ": is a directory (expected a file)");
    }
    try {
      return Files.newInputStream(path);
    } catch (NoSuchFileException e) {
      throw new CommandFailure(file + ": no such file", e);
    } catch (AccessDeniedException e) {
      throw new CommandFailure(file + ": this user may not read it", e);
    }
  }
}
