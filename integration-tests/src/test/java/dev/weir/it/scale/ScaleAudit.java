package dev.weir.it.scale;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.weir.it.proof.AuditFindings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * Fills one server, ends it cleanly and by SIGKILL, and reports the time of each start and stop and
 * what is wrong. Owned by the test's thread.
 */
final class ScaleAudit implements AutoCloseable {
  private static final int CALLERS = 32;
  private static final double MIB = 1 << 20;

  private final ScaleShape shape;
  private final Path dir;
  private final AuditFindings findings = new AuditFindings();
  private final ScaleContents contents;
  private final ParallelCallers callers = new ParallelCallers(CALLERS);
  private ScaledServer server;

  ScaleAudit(ScaleShape shape, Path dir, long seed) {
    this.shape = shape;
    this.dir = dir;
    this.contents = new ScaleContents(shape, findings, new Random(seed));
    say("%s; seed %d", shape, seed);
  }

  /** Lists what is wrong; empty if nothing is. */
  List<String> run() throws IOException, InterruptedException {
    start("empty");
    fill();
    measure("filled");
    stop("with all that is new");

    start("after a clean stop");
    audit();
    measure("started");
    contents.publish(server.channel(), callers);
    server.close();

    start("after kill -9");
    audit();
    stop("with little that is new");
    return findings.list();
  }

  private void fill() throws InterruptedException {
    long from = System.nanoTime();
    contents.createTopics(server.channel(), callers);
    say("%,d topics created in %s", shape.topicCount(), since(from));
    from = System.nanoTime();
    contents.defineSensors(server.channel(), callers);
    say("%,d sensors defined in %s", shape.sensorCount(), since(from));
    contents.publish(server.channel(), callers);
  }

  private void start(String what) throws IOException {
    server = ScaledServer.start(shape, dir);
    say("start %s: %s", what, seconds(server.started()));
    findings.unless(
        server.started().compareTo(shape.startMost()) <= 0,
        "the start %s takes %s (at most %s)",
        what,
        server.started(),
        shape.startMost());
    findings.unless(
        server.stoppedPartitions() == 0, "%d partitions stopped", server.stoppedPartitions());
  }

  private void audit() throws InterruptedException {
    long from = System.nanoTime();
    contents.audit(server.channel(), callers);
    say("audited in %s: %,d readings", since(from), contents.acknowledgedReadings());
  }

  private void measure(String what) throws IOException, InterruptedException {
    long resident = server.residentBytes();
    long heap = server.heapBytes();
    say(
        "%s: heap %s, of which %.0f MiB are used behind a collection (%,d bytes a topic, %,d a"
            + " partition); %.0f MiB resident before it, %.0f behind it;%s",
        what,
        shape.heap(),
        heap / MIB,
        heap / shape.topicCount(),
        heap / shape.partitionCount(),
        resident / MIB,
        server.residentBytes() / MIB,
        server.budgets());
    if (Boolean.getBoolean("weir.it.scale.histogram")) {
      say("%s", server.histogram(50));
    }
  }

  private void stop(String what) throws InterruptedException {
    Duration took = server.stop();
    say("stop %s: %s, exit code %d", what, seconds(took), server.exitCode());
    findings.unless(server.exitCode() == 0, "the stop %s ends with %d", what, server.exitCode());
    findings.unless(
        took.compareTo(shape.stopMost()) <= 0,
        "the stop %s takes %s (at most %s)",
        what,
        took,
        shape.stopMost());
  }

  private static String since(long fromNanos) {
    return seconds(Duration.ofNanos(System.nanoTime() - fromNanos));
  }

  private static String seconds(Duration time) {
    return String.format("%.1f s", time.toMillis() / 1e3);
  }

  @FormatMethod
  private static void say(@FormatString String what, Object... details) {
    System.out.println("scale: " + String.format(what, details));
  }

  @Override
  public void close() {
    callers.close();
    if (server != null) {
      server.close();
    }
  }
}
