package dev.weir.cli;

import dev.weir.cli.text.DurationText;
import dev.weir.client.SubscriberOptions;
import dev.weir.common.OwnedBy;
import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine.Option;

/** The options for a tail that cannot keep up. Owned by the command. */
@OwnedBy("main thread")
final class OverflowOptions {
  /** The policies as they are typed on the command line. */
  enum Policy {
    CATCH_UP,
    CONFLATE,
    DROP_OLDEST,
    END;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @Option(
      names = "--overflow",
      paramLabel = "POLICY",
      description =
          "When it cannot keep up: catch-up (default: read on from the log, nothing is skipped),"
              + " conflate (last values, then a gap), drop-oldest (a gap, then nearer to the end)"
              + " or end (exit code 1).")
  private Policy overflow = Policy.CATCH_UP;

  @Option(
      names = "--max-lag",
      paramLabel = "N|DURATION",
      description =
          "With policies other than catch-up: the lag, in readings or as a duration, from which"
              + " the tail is not keeping up. Default: when the next record has left the server's"
              + " memory.")
  private String maxLag;

  @Option(
      names = "--max-age",
      paramLabel = "DURATION",
      description = "Readings stored longer ago are skipped, and told as a gap.")
  private Duration maxAge;

  /**
   * Sets the overflow.
   *
   * @throws IllegalArgumentException where an option is wrong, or goes with another one
   */
  void applyTo(SubscriberOptions.Builder options) {
    switch (overflow) {
      case CONFLATE -> options.conflate();
      case DROP_OLDEST -> options.dropOldest();
      case END -> options.endWhenLagging();
      case CATCH_UP -> {
        if (maxLag != null) {
          throw new IllegalArgumentException(
              "--max-lag goes with --overflow conflate, drop-oldest or end");
        }
      }
    }
    if (maxLag != null) {
      lag(options);
    }
    if (maxAge != null) {
      options.maxAge(maxAge);
    }
  }

  private void lag(SubscriberOptions.Builder options) {
    if (maxLag.matches("\\d{1,18}")) {
      options.maxLag(Long.parseLong(maxLag));
      return;
    }
    try {
      options.maxLag(DurationText.parse(maxLag));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "--max-lag: \"" + maxLag + "\" (expected readings, or " + DurationText.EXPECTED + ")", e);
    }
  }
}
