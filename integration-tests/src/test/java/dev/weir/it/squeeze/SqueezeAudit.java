package dev.weir.it.squeeze;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.weir.client.ClientOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.it.proof.AuditFindings;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Squeezes one server: measures the honest while it is quiet, then under each abuse, and reports
 * what is wrong. A server that dies, or does not become quiet again, is replaced, so that one abuse
 * does not hide what the next does. Owned by the test's thread.
 */
final class SqueezeAudit implements AutoCloseable {
  private static final long SAMPLE_NANOS = 100_000_000;
  private static final long TABLE_NANOS = 500_000_000;
  private static final Duration WARM_UP = Duration.ofSeconds(5);
  private static final Duration QUIET = Duration.ofSeconds(10);
  private static final Duration START = Duration.ofSeconds(60);

  private final SqueezeOptions terms;
  private final Path dir;
  private final List<String> faults;
  private final AuditFindings findings = new AuditFindings();
  private final SqueezeSetup preparation;
  private SqueezedServer server;
  private ManagedChannel operator;
  private HonestClients honest;
  private Baseline quiet;
  private int messagesSeen;

  SqueezeAudit(SqueezeOptions terms, Path dir, List<String> faults) {
    this.terms = terms;
    this.dir = dir;
    this.faults = List.copyOf(faults);
    preparation = new SqueezeSetup(terms, findings);
  }

  /** Lists what is wrong; empty if nothing is. */
  List<String> findings() {
    return findings.list();
  }

  /** Squeezes. */
  SqueezeAudit run() throws IOException, InterruptedException {
    long began = System.nanoTime();
    prepare();
    say(
        "prepared in %d s: %d MiB of log, %d sensors%s",
        seconds(began),
        terms.logBytes() / SqueezeOptions.MIB,
        preparation.admittedSensors(),
        preparation.refusal().isEmpty() ? "" : ", then: " + preparation.refusal());
    checkAdmitted();
    honest = new HonestClients(server.address(), terms.seed(), findings);
    pause(WARM_UP);
    long from = System.nanoTime();
    pause(terms.shortForm() ? WARM_UP : QUIET);
    quiet = Baseline.of(terms, honest, from, BudgetTable.of(operator), server.descriptors());
    messagesSeen = server.messages().size();
    say("quiet: %s", quiet);
    if (findings.count() > 0) { // no abuse is to blame
      return this;
    }
    for (Abuse abuse : terms.abuses()) {
      squeeze(abuse);
      if (!server.isAlive()) { // and cannot be started again: nothing more is measured
        return this;
      }
    }
    honest.settle();
    say(
        "%,d readings published; %d findings; %d s",
        honest.sent(), findings.count(), seconds(began));
    return this;
  }

  private void prepare() throws IOException, InterruptedException {
    server = SqueezedServer.start(terms, dir, 0, faults);
    preparation.run(server.address());
    int port = server.port();
    // A new process has nothing of the log in memory.
    findings.unless(server.stop(), "the server does not stop within its time");
    server.close();
    start(port);
  }

  private void start(int port) throws IOException {
    server = SqueezedServer.start(terms, dir, port, faults);
    operator = NettyChannelBuilder.forTarget(server.address()).usePlaintext().build();
  }

  private void checkAdmitted() {
    boolean all = preparation.admittedSensors() >= terms.sensors();
    findings.unless(
        all || !terms.everythingMustFit(),
        "%d of %d sensors admitted: %s",
        preparation.admittedSensors(),
        terms.sensors(),
        preparation.refusal());
    findings.unless(
        all || preparation.refusal().contains("catalog_budget_bytes"),
        "sensors refused without the budget's name: %s",
        preparation.refusal());
  }

  private void squeeze(Abuse abuse) throws IOException, InterruptedException {
    Measured measured = new Measured(abuse, server.pid());
    honest.takeFailures();
    server.forgetPeak();
    BudgetTable before = BudgetTable.of(operator);
    long from = System.nanoTime();
    measured.most = before;
    try (AbuserProcess abuser = AbuserProcess.start(terms, abuse, dir, server.port())) {
      Thread tables = sampleTables(measured, abuser);
      while (abuser.isAlive() && server.isAlive()) {
        LockSupport.parkNanos(SAMPLE_NANOS);
        measured.sample(server);
      }
      measured.counts = abuser.awaitEnd();
      tables.join();
    }
    measured.beganNanos = from;
    measured.fromNanos = from + terms.warmUp().toNanos();
    measured.toNanos = System.nanoTime();
    measured.peakBytes = Math.max(measured.peakBytes, server.residentBytesPeak());
    recover(measured);
    measured.refusals = BudgetTable.of(operator).refusalsSince(before);
    measured.failures = honest.takeFailures();
    List<String> messages = server.messages();
    measured.messages = messages.subList(Math.min(messagesSeen, messages.size()), messages.size());
    messagesSeen = messages.size();
    new AbuseVerdict(terms, quiet, honest, measured, findings).tell();
    if (!server.isAlive() || measured.backNanos < 0) {
      replace();
    }
  }

  /** Asks for the budgets as long as the abuse lasts, however long each answer takes. */
  private Thread sampleTables(Measured measured, AbuserProcess abuser) {
    Thread thread =
        new Thread(
            () -> {
              while (abuser.isAlive() && server.isAlive()) {
                measured.most = measured.most.max(BudgetTable.of(operator));
                LockSupport.parkNanos(TABLE_NANOS);
              }
            },
            "squeeze-budgets");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** Waits until everything is as it was before the abuse. */
  private void recover(Measured measured) {
    measured.died = !server.isAlive();
    if (measured.died) {
      measured.exitCode = server.exitCode();
      measured.backNanos = -1;
      return;
    }
    long end = measured.toNanos + SqueezeOptions.BACK_TO_QUIET.toNanos();
    removeSpam();
    do {
      LockSupport.parkNanos(SAMPLE_NANOS);
      measured.notQuiet = quiet.missing(BudgetTable.of(operator), server.descriptors(), honest);
    } while (!measured.notQuiet.isEmpty() && System.nanoTime() - end < 0 && server.isAlive());
    measured.backNanos = measured.notQuiet.isEmpty() ? System.nanoTime() - measured.toNanos : -1;
    measured.died = !server.isAlive();
    measured.exitCode = measured.died ? server.exitCode() : 0;
  }

  /** Removes what abusers left in the log, as an operator does. */
  private void removeSpam() {
    ClientOptions options =
        ClientOptions.builder(server.address())
            .giveUpAfter(SqueezeOptions.BACK_TO_QUIET)
            .closeTimeout(Duration.ZERO)
            .build();
    try (WeirClient client = WeirClient.connect(options)) {
      client.topics().deleteTopic(SqueezeTopics.SPAM);
      client.topics().createTopic(SqueezeTopics.SPAM, 1);
    } catch (WeirException e) {
      say("the operator cannot replace the topic %s: %s", SqueezeTopics.SPAM, e);
    }
  }

  /** Starts another server on the directory; the honest come back by themselves. */
  private void replace() throws IOException {
    say("the server is replaced");
    int port = server.port();
    server.close();
    operator.shutdownNow();
    try {
      start(port);
    } catch (IOException e) {
      findings.unless(false, "no server starts on the directory any more: %s", e.getMessage());
      return;
    }
    messagesSeen = server.messages().size();
    findings.unless(
        HonestClients.until(
            () -> quiet.missing(BudgetTable.of(operator), server.descriptors(), honest).isEmpty(),
            START),
        "a server that was started anew is not quiet within %s: %s",
        START,
        quiet.missing(BudgetTable.of(operator), server.descriptors(), honest));
  }

  private static void pause(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() - end < 0) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }

  private static long seconds(long sinceNanos) {
    return Duration.ofNanos(System.nanoTime() - sinceNanos).toSeconds();
  }

  @FormatMethod
  static void say(@FormatString String what, Object... details) {
    System.out.println("squeeze: " + String.format(what, details));
  }

  @Override
  public void close() {
    if (honest != null) {
      honest.close();
    }
    if (operator != null) {
      operator.shutdownNow();
    }
    if (server != null) {
      server.close();
    }
  }

  /** The measurements of one abuse. Owned by the audit. */
  static final class Measured {
    final Abuse abuse;
    final long pid;
    long beganNanos;
    long fromNanos; // of what is judged
    long toNanos;
    long peakBytes;
    int descriptorsPeak;
    boolean died;
    int exitCode;
    long backNanos; // -1: not in time
    List<String> notQuiet = List.of();
    List<String> messages = List.of();
    Map<String, Long> counts = Map.of();
    Map<String, Long> refusals = Map.of();
    Map<String, Integer> failures = Map.of();
    volatile BudgetTable most;

    Measured(Abuse abuse, long pid) {
      this.abuse = abuse;
      this.pid = pid;
    }

    void sample(SqueezedServer server) {
      peakBytes = Math.max(peakBytes, server.residentBytes());
      descriptorsPeak = Math.max(descriptorsPeak, server.descriptors());
    }
  }
}
