package dev.weir.it.squeeze;

import dev.weir.it.proof.AuditFindings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Judges one abuse, and reports it in one line, and more where something is wrong. Owned by the
 * audit.
 */
final class AbuseVerdict {
  private static final String NO_MEMORY = "OutOfMemoryError";
  private static final String NAMED = "refused by session_budget_bytes";
  private static final int SHOWN_MESSAGES = 30;
  private static final int PARTS = 10;

  /** The share of refusals that must name their budget; connections that were cut name nothing. */
  private static final double NAMED_SHARE = 0.9;

  private final SqueezeOptions terms;
  private final Baseline quiet;
  private final HonestClients honest;
  private final SqueezeAudit.Measured measured;
  private final AuditFindings findings;
  private final String abuse;

  AbuseVerdict(
      SqueezeOptions terms,
      Baseline quiet,
      HonestClients honest,
      SqueezeAudit.Measured measured,
      AuditFindings findings) {
    this.terms = terms;
    this.quiet = quiet;
    this.honest = honest;
    this.measured = measured;
    this.findings = findings;
    abuse = measured.abuse.word();
  }

  void tell() {
    long before = findings.count();
    Map<String, Latencies> latencies = honest.latencies(measured.fromNanos, measured.toNanos);
    life();
    latencies(latencies);
    String refused = refusedTime();
    memory();
    back();
    admitted();
    boolean green = findings.count() == before;
    SqueezeAudit.say(
        "%s %s: %d s; %s; refused at most %s; resident %d of %d MiB; %d descriptors; quiet after"
            + " %s; refusals %s; %d messages to the operator; abusers %s",
        abuse,
        green ? "green" : "RED",
        Duration.ofNanos(measured.toNanos - measured.fromNanos).toSeconds(),
        latencies,
        refused,
        measured.peakBytes / SqueezeOptions.MIB,
        terms.residentBytesMax() / SqueezeOptions.MIB,
        measured.descriptorsPeak,
        measured.backNanos < 0 ? "never" : millis(measured.backNanos) + " ms",
        measured.refusals,
        measured.messages.size(),
        measured.counts);
    if (measured.beganNanos < measured.fromNanos) {
      SqueezeAudit.say(
          "  while it warmed up, for %s: %s",
          terms.warmUp(), honest.latencies(measured.beganNanos, measured.fromNanos));
    }
    if (!green) {
      findings.list().stream().skip(before).forEach(one -> SqueezeAudit.say("  %s", one));
      sayParts();
      SqueezeAudit.say("  the most of each budget:%s", measured.most);
      SqueezeAudit.say("  the caller was told: %s", measured.failures);
      measured.messages.stream()
          .dropWhile(line -> !line.contains("Exception") && !line.contains("Error"))
          .limit(SHOWN_MESSAGES)
          .forEach(line -> SqueezeAudit.say("  the server said: %s", line));
    }
  }

  /** Reports when it was slow: the p99 of each tenth of the time. */
  private void sayParts() {
    Map<String, StringBuilder> parts = new LinkedHashMap<>();
    long part = (measured.toNanos - measured.fromNanos) / PARTS;
    for (int i = 0; i < PARTS; i++) {
      long from = measured.fromNanos + i * part;
      honest
          .latencies(from, from + part)
          .forEach(
              (client, latencies) ->
                  parts
                      .computeIfAbsent(client, ignored -> new StringBuilder())
                      .append(String.format(" %.0f", latencies.p99Millis())));
    }
    SqueezeAudit.say("  p99 in ms of each tenth of the time: %s", parts);
  }

  private static long millis(long nanos) {
    return Duration.ofNanos(nanos).toMillis();
  }

  private void life() {
    findings.unless(
        !measured.died, "%s: the process %d ended with %d", abuse, measured.pid, measured.exitCode);
    measured.messages.stream()
        .filter(line -> line.contains(NO_MEMORY))
        .findFirst()
        .ifPresent(line -> findings.add("%s: no memory: %s", abuse, line));
  }

  private void latencies(Map<String, Latencies> latencies) {
    latencies.forEach(
        (client, under) ->
            findings.unless(
                under.p99Millis() <= quiet.boundMillis(client),
                "%s: %s: p99 %.1f ms, more than %.1f (quiet %.1f)",
                abuse,
                client,
                under.p99Millis(),
                quiet.boundMillis(client),
                quiet.latencies().get(client).p99Millis()));
  }

  /** Checks that nobody honest is refused for longer than the delay that it is asked to wait. */
  private String refusedTime() {
    long now = System.nanoTime();
    long bound = SqueezeOptions.RETRY_DELAY.plus(terms.latencyFloor()).toNanos();
    long longest = 0;
    for (Map.Entry<String, RefusalTime> one : honest.refusedTimes().entrySet()) {
      long time = one.getValue().longestNanos(measured.beganNanos, now, now);
      longest = Math.max(longest, time);
      findings.unless(
          time <= bound,
          "%s: the honest %s was refused for %d ms, more than %d: %s",
          abuse,
          one.getKey(),
          millis(time),
          millis(bound),
          one.getValue().worst(measured.beganNanos, now, now));
    }
    return millis(longest) + " ms";
  }

  private void memory() {
    findings.unless(
        measured.peakBytes <= terms.residentBytesMax(),
        "%s: %d MiB resident, more than %s",
        abuse,
        measured.peakBytes / SqueezeOptions.MIB,
        terms.residentSum());
    findings.unless(
        measured.descriptorsPeak <= SqueezeOptions.DESCRIPTORS,
        "%s: %d descriptors",
        abuse,
        measured.descriptorsPeak);
  }

  private void back() {
    findings.unless(
        measured.backNanos >= 0 || measured.died,
        "%s: not quiet within %s: %s",
        abuse,
        SqueezeOptions.BACK_TO_QUIET,
        measured.notQuiet);
  }

  /** Idle sessions are admitted, or refused by the name of their budget. */
  private void admitted() {
    long asked = measured.counts.getOrDefault(IdleSessions.ASKED, 0L);
    if (asked == 0 || measured.abuse != Abuse.IDLE) {
      return;
    }
    long named = measured.counts.getOrDefault(NAMED, 0L);
    // A session may be opened and its subscription refused.
    long refused = Math.max(named, measured.counts.getOrDefault(IdleSessions.ENDED, 0L));
    long opened = measured.counts.getOrDefault(IdleSessions.OPENED, 0L);
    SqueezeAudit.say("idle: %d of %d sessions opened, %d refused", opened, asked, refused);
    // A busy machine may not get to all of them within the short form's time.
    boolean all = asked >= IdleSessions.ALL && opened + refused >= asked;
    findings.unless(
        all || terms.shortForm(),
        "idle: of %d sessions, %d were asked for, %d opened, %d refused",
        IdleSessions.ALL,
        asked,
        opened,
        refused);
    findings.unless(
        refused == 0 || !terms.everythingMustFit(),
        "idle: %d of %d sessions refused, and all must fit",
        refused,
        asked);
    findings.unless(
        named >= refused * NAMED_SHARE,
        "idle: %d sessions refused, of which %d by the budget's name",
        refused,
        named);
  }
}
