package dev.weir.cli.demo;

import com.google.protobuf.util.Timestamps;
import dev.weir.cli.shell.CommandFailure;
import dev.weir.cli.shell.ErrorAdvice;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.common.OwnedBy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The processes of one demo, and the audit at their end. Owned by the demo's main thread. */
@OwnedBy("main thread")
final class DemoRun implements AutoCloseable {
  static final String TOPIC = "machine";

  private static final List<String> SMALL =
      List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
  private static final long READ_BACK_SECONDS = 60;
  private static final long RATE_LOOKS = 10;

  private final Deque<DemoProcess> children = new ArrayDeque<>();
  private final Deque<long[]> looks = new ArrayDeque<>();
  private String server;
  private DemoProcess publisher;
  private DemoProcess subscriber;

  /**
   * The result of the demo.
   *
   * @param line the demo's last line
   * @param problems why it failed; empty: it did not
   */
  record Result(String line, List<String> problems) {}

  private DemoRun() {}

  static DemoRun start(Path directory, boolean dropOneDelivery)
      throws IOException, InterruptedException {
    DemoRun demo = new DemoRun();
    try {
      demo.startProcesses(directory, dropOneDelivery);
      return demo;
    } catch (IOException | InterruptedException | RuntimeException e) {
      demo.close();
      throw e;
    }
  }

  private void startProcesses(Path directory, boolean dropOneDelivery)
      throws IOException, InterruptedException {
    Path log = directory.resolveSibling(directory.getFileName() + ".log");
    DemoProcess service =
        started(
            DemoProcess.start(
                "server",
                log,
                List.of(),
                List.of(
                    "serve", "--port", "0", "--end-with-stdin", "--data", directory.toString())));
    server = service.awaitReady().replaceFirst(".* grpc=(\\S+) .*", "$1");
    try (WeirClient client = WeirClient.connect(server)) {
      client.topics().createTopic(TOPIC, 1);
    } catch (WeirException e) {
      throw ErrorAdvice.failure(server, e);
    }
    List<String> follow =
        new ArrayList<>(List.of("demo-subscriber", "--server", server, "--topic", TOPIC));
    if (dropOneDelivery) {
      follow.add("--drop-one-delivery");
    }
    subscriber = started(DemoProcess.start("subscriber", log, SMALL, follow));
    subscriber.awaitReady();
    publisher =
        started(
            DemoProcess.start(
                "publisher",
                log,
                SMALL,
                List.of("demo-publisher", "--server", server, "--topic", TOPIC)));
    publisher.awaitReady();
  }

  private DemoProcess started(DemoProcess child) {
    children.push(child);
    return child;
  }

  /** The server's address. */
  String server() {
    return server;
  }

  /**
   * Requires that all processes still run.
   *
   * @throws CommandFailure that names the one that is missing
   */
  void requireAlive() {
    children.forEach(DemoProcess::requireAlive);
  }

  DemoDisplay.Snapshot look(long elapsedNanos) {
    DemoProcessOutput from = subscriber.report();
    long delivered = from.number("delivered");
    looks.addLast(new long[] {elapsedNanos, delivered});
    if (looks.size() > RATE_LOOKS) {
      looks.removeFirst();
    }
    long nanos = elapsedNanos - looks.getFirst()[0];
    return new DemoDisplay.Snapshot(
        TimeUnit.NANOSECONDS.toSeconds(elapsedNanos),
        publisher.report().number("published"),
        delivered,
        nanos == 0 ? 0 : (delivered - looks.getFirst()[1]) * 1e9 / nanos,
        from.number("p50_us") / 1e3,
        from.number("p99_us") / 1e3,
        from.values());
  }

  /** Stops publishing, lets the subscriber catch up, reads the log back, and compares. */
  Result finish() throws InterruptedException {
    publisher.finish("stop");
    ReadingDigest acknowledged = publisher.report().tally();
    subscriber.finish(Long.toString(acknowledged.readings()));
    ReadingDigest delivered = subscriber.report().tally();
    ReadingDigest stored = readBack();

    List<String> problems = new ArrayList<>();
    long published = publisher.report().number("published");
    long gaps = subscriber.report().number("gaps");
    if (published == 0) {
      problems.add("nothing was published");
    }
    if (published != acknowledged.readings()) {
      problems.add(published + " readings were published, " + acknowledged.readings() + " stored");
    }
    if (gaps != 0) {
      problems.add("the subscriber was told of " + gaps + " lost readings");
    }
    problems.addAll(acknowledged.differences("acknowledged", stored, "in the log"));
    problems.addAll(acknowledged.differences("acknowledged", delivered, "delivered"));
    String line =
        String.format(
            Locale.ROOT,
            "demo done published=%d delivered=%d gaps=%d p50_ms=%.2f p99_ms=%.2f",
            published,
            delivered.readings(),
            gaps,
            subscriber.report().number("p50_us") / 1e3,
            subscriber.report().number("p99_us") / 1e3);
    return new Result(line, problems);
  }

  /**
   * Reads the log with a reader of its own and in the other format, from its beginning until now.
   */
  private ReadingDigest readBack() throws InterruptedException {
    ReadingDigest stored = new ReadingDigest();
    SubscriberOptions everything =
        SubscriberOptions.builder(TOPIC).fromEarliest().untilNow().rows().build();
    try (WeirClient client = WeirClient.connect(server);
        Subscriber reader =
            client.subscribe(
                everything,
                reading ->
                    stored.add(
                        reading.getSensor(),
                        Timestamps.toNanos(reading.getTime()),
                        reading.getDouble()))) {
      reader.completion().get(READ_BACK_SECONDS, TimeUnit.SECONDS);
      return stored;
    } catch (ExecutionException | TimeoutException e) {
      throw new CommandFailure("the log cannot be read back: " + e, e);
    }
  }

  /** Ends the processes, the one started last first. */
  @Override
  public void close() {
    children.forEach(DemoProcess::close);
  }
}
