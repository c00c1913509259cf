package dev.weir.cli;

import dev.weir.cli.text.TimeText;
import dev.weir.client.SubscriberOptions;
import dev.weir.common.OwnedBy;
import dev.weir.v1.OnExpired;
import java.time.Instant;
import java.util.Locale;
import picocli.CommandLine.Option;

/**
 * The options for the start and the end of a tail, and the event times it takes. Owned by the
 * command.
 */
@OwnedBy("main thread")
final class RangeOptions {
  private enum Until {
    NOW
  }

  /** The reactions to an expired start, as they are typed on the command line. */
  enum Expired {
    FAIL(OnExpired.ON_EXPIRED_FAIL),
    EARLIEST(OnExpired.ON_EXPIRED_EARLIEST),
    LATEST(OnExpired.ON_EXPIRED_LATEST);

    private final OnExpired message;

    Expired(OnExpired message) {
      this.message = message;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Option(
      names = "--from",
      paramLabel = "WHERE",
      description =
          "earliest, latest (default), a time at which the server stored it (RFC 3339), or the"
              + " cursor of a reading to continue after.")
  private String from;

  @Option(
      names = "--durable",
      paramLabel = "NAME",
      description =
          "Commits under NAME what was printed, every second and at the end, and without --from"
              + " begins where NAME was committed, else at the earliest reading.")
  private String durable;

  @Option(
      names = "--on-expired",
      paramLabel = "WHERE",
      description =
          "Where the start is no longer in the log: fail (default), or continue at the earliest or"
              + " the latest, after a gap.")
  private Expired onExpired = Expired.FAIL;

  @Option(
      names = "--until",
      paramLabel = "now",
      description = "End at what is stored when the tail begins. Default: never.")
  private Until until;

  @Option(
      names = "--until-time",
      paramLabel = "TIME",
      description = "End before the first reading that the server stored at or after TIME.")
  private Instant untilTime;

  @Option(names = "--limit", paramLabel = "N", description = "End after this many readings.")
  private Long limit;

  @Option(
      names = "--event-from",
      paramLabel = "TIME",
      description = "Only readings with an event time at or after TIME.")
  private Instant eventFrom;

  @Option(
      names = "--event-until",
      paramLabel = "TIME",
      description = "Only readings with an event time before TIME.")
  private Instant eventUntil;

  @Option(
      names = "--snapshot",
      description =
          "First the last value of each sensor, then what is stored after it. From the latest,"
              + " --on-change, --sample, --above, --below and --crossing begin like this too.")
  private boolean snapshot;

  boolean durable() {
    return durable != null;
  }

  /**
   * Sets where to begin and where to end.
   *
   * @throws IllegalArgumentException where an option is wrong, or goes with another one
   */
  void applyTo(SubscriberOptions.Builder options) {
    start(options);
    options.onExpired(onExpired.message);
    if (until == Until.NOW) {
      options.untilNow();
    }
    if (untilTime != null) {
      options.untilTime(untilTime);
    }
    if (limit != null) {
      options.untilCount(limit);
    }
    if (eventFrom != null) {
      options.eventTimeFrom(eventFrom);
    }
    if (eventUntil != null) {
      options.eventTimeUntil(eventUntil);
    }
  }

  private void start(SubscriberOptions.Builder options) {
    if (durable != null) {
      options.durable(durable);
    }
    if (snapshot) {
      if (from == null ? durable != null : !from.equals("latest")) {
        throw new IllegalArgumentException(
            "--snapshot goes with --from latest only: it is the last values, then what comes after"
                + " them");
      }
      options.snapshot();
    }
    if (from == null) {
      return;
    }
    if (from.equals("latest")) {
      options.fromLatest();
    } else if (from.equals("earliest")) {
      options.fromEarliest();
    } else if (TimeText.dated(from)) {
      options.fromTime(Instant.EPOCH.plusNanos(TimeText.parse(from)));
    } else {
      options.afterCursor(from);
    }
  }
}
