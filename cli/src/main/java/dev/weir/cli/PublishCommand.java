package dev.weir.cli;

import dev.weir.cli.csv.CsvOptions;
import dev.weir.cli.csv.CsvResumePoint;
import dev.weir.cli.csv.CsvRow;
import dev.weir.cli.csv.CsvRowReader;
import dev.weir.cli.shell.CliRuntime;
import dev.weir.cli.shell.CommandFailure;
import dev.weir.cli.shell.ServerOption;
import dev.weir.cli.shell.StandardStreams;
import dev.weir.cli.text.TimeText;
import dev.weir.cli.text.ValueKind;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SpoolOptions;
import dev.weir.client.SpoolStatus;
import dev.weir.client.WeirClient;
import dev.weir.common.OwnedBy;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weir publish}: stores one reading, or those of a CSV file. Owned by the main thread. */
@OwnedBy("main thread")
@Command(
    name = "publish",
    mixinStandardHelpOptions = true,
    customSynopsis = {
      "weir publish TOPIC SENSOR VALUE [--time T] [--kind KIND]",
      "       weir publish TOPIC --csv FILE --time-column C --value-column C",
      "                    (--sensor NAME | --sensor-column C) [--kind KIND]",
      "                    [--producer ID [--spool DIR]]",
      "       weir publish TOPIC --producer ID --spool DIR"
    },
    description = "Stores one reading, or the rows of a CSV file in their order.",
    footer = {
      "",
      "Times are RFC 3339, or numbers since 1970: seconds below 10^11, milliseconds below 10^14,",
      "microseconds below 10^17, else nanoseconds.",
      "",
      "CSV is RFC 4180 in UTF-8 with a header row. A bad row ends the command before that row is",
      "published; the rows before it are stored, and the last line says how many. A sensor that only",
      "the server can refuse (a wrong name, another kind) ends the command too: its rows are missing,",
      "those of other sensors published by then are stored. When the server goes away the command",
      "waits for it and continues: every row is stored once, in order. A second run publishes its rows",
      "again, unless there is a spool.",
      "",
      "With --spool rows go to files in DIR first, synced, and the server need not be there. What",
      "holds then:",
      "- When the command is killed, or machine, network or server fail, the same command again, with",
      "  the same input, continues where it was: every row is stored exactly once, in order.",
      "- It knows the rows by their content, not by the file's name. An input that does not begin with",
      "  the rows of an unfinished one is refused. A finished file given again, also with more rows at",
      "  its end, continues after the known rows; a finished standard input given again is",
      "  published again, as is any but the file finished last.",
      "- Without SENSOR and --csv the command only sends what is in DIR.",
      "- Exactly once ends where the server forgets: a topic deleted, or a producer idle for as long",
      "  as the server remembers one (7 days); and with DIR: never copy it, or restore an old copy.",
      "- DIR belongs to one producer of one topic, and to one command at a time; another process that",
      "  publishes under the same producer ID elsewhere shuts this one out for good.",
      "",
      "Examples:",
      "  bin/weir publish plant1 boiler/temperature 21.5",
      "  bin/weir publish plant1 --csv day.csv --time-column t --value-column celsius \\",
      "      --sensor boiler/temperature --producer import-1 --spool spool/import-1"
    })
final class PublishCommand implements Callable<Integer> {
  private final StandardStreams streams;

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "TOPIC", description = "The topic.")
  private String topic;

  @Parameters(index = "1", arity = "0..1", paramLabel = "SENSOR", description = "The sensor.")
  private String sensor;

  @Parameters(index = "2", arity = "0..1", paramLabel = "VALUE", description = "Its value.")
  private String value;

  @Option(names = "--time", paramLabel = "T", description = "When it was read. Default: now")
  private String time;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      defaultValue = "DOUBLE",
      description = "Kind of the values: double (default), integer, boolean or text.")
  private ValueKind kind;

  @Option(
      names = "--producer",
      paramLabel = "ID",
      description = "Names this producer; an older process of the same name is shut out.")
  private String producer;

  @Option(
      names = "--spool",
      paramLabel = "DIR",
      description = "Keeps readings in DIR until they are stored; needs --producer, see below.")
  private Path spool;

  @Mixin private CsvOptions csv;

  @Mixin private ServerOption server;

  PublishCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    require(spool == null || producer != null, "--spool needs --producer");
    if (csv.given()) {
      return publishRows();
    }
    return spool != null && sensor == null ? publishSpooled() : publishOne();
  }

  private int publishSpooled() {
    require(time == null && !csv.namesRows(), "SENSOR and VALUE, or --csv FILE, are missing");
    PublisherOptions.Builder options = options();
    return with(client -> sink(client, options).publishAll(Collections.emptyIterator()));
  }

  private int with(Function<WeirClient, Integer> work) {
    return spool == null ? server.with(work) : server.withWhetherThereOrNot(work);
  }

  private int publishOne() {
    require(sensor != null && value != null, "SENSOR and VALUE, or --csv FILE, are missing");
    require(
        !csv.namesRows(),
        "--time-column, --value-column, --sensor and --sensor-column go with --csv");
    try {
      kind.check(value);
      CsvRow row =
          new CsvRow(sensor, time == null ? CliRuntime.epochNanos() : TimeText.parse(time), value);
      PublisherOptions.Builder options = options();
      return with(client -> publishOne(sink(client, options), row));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private int publishOne(RowPublisher sink, CsvRow row) {
    if (spool != null && !CsvResumePoint.isBetweenInputs(sink.spool())) {
      throw new CommandFailure(
          "the spool in " + spool + " has a CSV that was not read to its end: finish that first");
    }
    return sink.publishAll(List.of(row).iterator());
  }

  private int publishRows() throws IOException {
    require(sensor == null && time == null, "SENSOR, VALUE and --time do not go with --csv");
    require(csv.namesValues(), "--time-column or --value-column is missing");
    require(csv.namesSensors(), "one of --sensor and --sensor-column is needed");
    PublisherOptions.Builder options = options();
    try (InputStream in = csv.open(streams)) {
      CsvRowReader rows = csv.rowsOf(in);
      return with(
          client -> {
            RowPublisher sink = sink(client, options);
            return spool == null ? sink.publishAll(rows) : publishRest(sink, rows);
          });
    }
  }

  /** Goes on behind the rows that an earlier run published. */
  private int publishRest(RowPublisher sink, CsvRowReader rows) {
    SpoolStatus status = sink.spool();
    CsvResumePoint resume = new CsvResumePoint(spool.toString());
    try {
      if (!CsvResumePoint.isBetweenInputs(status) || isFinishedFile(status)) {
        resume.skip(status, rows);
      }
    } catch (IllegalArgumentException e) {
      throw new CommandFailure("line " + rows.line() + ": " + e.getMessage(), e);
    }
    if (resume.rows() > 0) {
      streams
          .err()
          .println("weir: going on behind " + resume.rows() + " rows that were published before");
    }
    return sink.publishAll(rows, resume);
  }

  /** Looks ahead into the file; standard input can be read once only. */
  private boolean isFinishedFile(SpoolStatus status) {
    if (csv.isStandardInput()) {
      return false;
    }
    try (InputStream in = csv.open(streams)) {
      return new CsvResumePoint(spool.toString()).beginsAgain(status, csv.rowsOf(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (IllegalArgumentException e) {
      return false; // a row that is wrong was not published by an earlier run
    }
  }

  private PublisherOptions.Builder options() {
    try {
      PublisherOptions.Builder options =
          PublisherOptions.builder(topic).blockTimeout(Duration.ofDays(1));
      if (producer != null) {
        options.producerId(producer);
      }
      return spool == null ? options : options.spool(SpoolOptions.of(spool));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private RowPublisher sink(WeirClient client, PublisherOptions.Builder options) {
    return new RowPublisher(client, options, kind, server.server(), streams);
  }

  private void require(boolean holds, String message) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }
}
