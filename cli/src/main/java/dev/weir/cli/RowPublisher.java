package dev.weir.cli;

import dev.weir.cli.csv.CsvResumePoint;
import dev.weir.cli.csv.CsvRow;
import dev.weir.cli.csv.CsvRowReader;
import dev.weir.cli.shell.CliRuntime;
import dev.weir.cli.shell.CommandFailure;
import dev.weir.cli.shell.ErrorAdvice;
import dev.weir.cli.shell.StandardStreams;
import dev.weir.cli.text.ValueKind;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.SensorOptions;
import dev.weir.client.SpoolStatus;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.common.OwnedBy;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Publishes rows and accounts for them: whatever ends it, what was published is stored and counted
 * first. Owned by the main thread; only the account is shared with the thread that ends the
 * process.
 */
@OwnedBy("main thread")
final class RowPublisher {
  private static final Duration LAST_CHANCE = Duration.ofSeconds(5);

  private final ValueKind kind;
  private final String server;
  private final StandardStreams streams;
  private final PublishReporter watch;
  private final Publisher publisher;
  private final ProgressLine progress;
  private final AtomicBoolean accounted = new AtomicBoolean();
  private final AtomicLong published = new AtomicLong();

  RowPublisher(
      WeirClient client,
      PublisherOptions.Builder options,
      ValueKind kind,
      String server,
      StandardStreams streams) {
    this.kind = kind;
    this.server = server;
    this.streams = streams;
    this.watch = new PublishReporter(streams.err(), server);
    this.publisher = client.publisher(options.listener(watch).build());
    this.progress = new ProgressLine(streams);
  }

  /** Returns the state of the spool; only where there is one. */
  SpoolStatus spool() {
    return publisher.spool().orElseThrow();
  }

  /**
   * Publishes all rows and waits until they are stored.
   *
   * @return the exit code
   * @throws CommandFailure for the first thing that went wrong
   */
  int publishAll(Iterator<CsvRow> rows) {
    return publishAll(rows, null);
  }

  /**
   * The same, noting in the spool where it is.
   *
   * @param resume is at the first of the rows; null: nothing is noted
   */
  int publishAll(Iterator<CsvRow> rows, CsvResumePoint resume) {
    CliRuntime.Hook hook = CliRuntime.onShutdown(this::cutShort);
    try (publisher) {
      RuntimeException failure = null;
      try {
        if (resume != null) {
          publisher.position(resume.position()); // from here on readings are rows of this input
        }
        while (watch.failure() == null && rows.hasNext()) {
          publish(rows.next(), resume);
        }
        if (resume != null && !rows.hasNext() && watch.failure() == null) {
          publisher.position(resume.done());
        }
      } catch (IllegalArgumentException e) {
        failure = new CommandFailure(place(rows) + e.getMessage(), e);
      } catch (CommandFailure | UncheckedIOException e) {
        failure = e;
      } catch (WeirException e) {
        failure = ErrorAdvice.failure(server, e);
      }
      CommandFailure unstored = settle();
      account();
      failure = failure == null ? unstored : failure;
      if (failure != null) {
        throw failure;
      }
      return 0;
    } finally {
      hook.close();
    }
  }

  private static String place(Iterator<CsvRow> rows) {
    return rows instanceof CsvRowReader csv
        ? "line " + csv.line() + ": published nothing from this row on: "
        : "";
  }

  private void publish(CsvRow row, CsvResumePoint resume) {
    SensorHandle sensor =
        publisher.sensor(SensorOptions.builder(row.sensor()).kind(kind.kind()).build());
    switch (kind) {
      case DOUBLE -> sensor.publish(row.timeNanos(), ValueKind.doubleOf(row.value()));
      case INTEGER -> sensor.publishInteger(row.timeNanos(), ValueKind.integerOf(row.value()));
      case BOOLEAN -> sensor.publishBoolean(row.timeNanos(), ValueKind.booleanOf(row.value()));
      case TEXT -> sensor.publishText(row.timeNanos(), row.value());
    }
    if (resume != null) {
      resume.published(row);
      publisher.position(resume.position());
    }
    progress.show(published.incrementAndGet(), publisher);
  }

  /** Waits until what was published is stored; what is not, is the failure. */
  private CommandFailure settle() {
    try {
      publisher.flush().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof WeirException refused) {
        return unstored(refused);
      }
      throw e;
    } catch (WeirException e) {
      return unstored(e);
    }
    return watch.failure();
  }

  private CommandFailure unstored(WeirException cause) {
    long waiting = publisher.spool().map(SpoolStatus::readingsWaiting).orElse(0L);
    if (waiting == 0) {
      return ErrorAdvice.failure(server, cause);
    }
    return new CommandFailure(
        ErrorAdvice.of(server, cause)
            + "; the spool keeps "
            + waiting
            + " readings: run the command again to send them",
        cause);
  }

  /** The account is given once: by the main thread, or by the one that ends the process. */
  private void account() {
    if (accounted.compareAndSet(false, true)) {
      tell();
    }
  }

  private void tell() {
    progress.end();
    streams
        .out()
        .println("published " + published + " acknowledged " + publisher.readingsAcknowledged());
    streams.out().flush();
  }

  /** Ctrl-C: what was published has a last chance to be stored, and is counted after that. */
  private void cutShort() {
    if (accounted.compareAndSet(false, true)) {
      publisher.drain(LAST_CHANCE);
      tell();
    }
  }
}
