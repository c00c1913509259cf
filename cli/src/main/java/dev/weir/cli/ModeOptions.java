package dev.weir.cli;

import dev.weir.cli.text.DurationText;
import dev.weir.client.SubscriberOptions;
import dev.weir.common.OwnedBy;
import dev.weir.v1.Direction;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** The options that choose which of the matching readings a tail prints. Owned by the command. */
@OwnedBy("main thread")
final class ModeOptions {
  @Option(
      names = "--on-change",
      paramLabel = "DEAD_BAND",
      arity = "0..1",
      fallbackValue = "0",
      description =
          "Only readings that differ from the last one printed of their sensor, numbers by more"
              + " than DEAD_BAND (0 where it is left out; then write TOPIC before the option).")
  private Double onChange;

  @Option(
      names = "--max-silence",
      paramLabel = "DURATION",
      description = "With --on-change: at least one per DURATION where any come, changed or not.")
  private Duration maxSilence;

  @Option(
      names = "--sample",
      paramLabel = "INTERVAL",
      description =
          "Only the first reading of each sensor in each INTERVAL, 1ms to 24h; a duration is "
              + DurationText.EXPECTED
              + ".")
  private Duration sample;

  @Option(
      names = "--above",
      paramLabel = "LIMIT",
      description = "Only readings that rise above LIMIT.")
  private Double above;

  @Option(
      names = "--below",
      paramLabel = "LIMIT",
      description = "Only readings that fall below LIMIT.")
  private Double below;

  @Option(
      names = "--crossing",
      paramLabel = "LIMIT",
      description =
          "Only readings that cross LIMIT, either way; here and with --above and --below also the"
              + " first reading of each sensor, so that its side is known.")
  private Double crossing;

  @Option(
      names = "--hysteresis",
      paramLabel = "H",
      description =
          "With --above, --below or --crossing: how far a value must go back before it crosses"
              + " again. Default: 0")
  private Double hysteresis;

  /**
   * Sets the mode.
   *
   * @throws IllegalArgumentException where options exclude each other
   */
  void applyTo(SubscriberOptions.Builder options) {
    if (Stream.of(onChange, sample, above, below, crossing).filter(Objects::nonNull).count() > 1) {
      throw new IllegalArgumentException(
          "--on-change, --sample, --above, --below and --crossing exclude each other");
    }
    if (maxSilence != null && onChange == null) {
      throw new IllegalArgumentException("--max-silence goes with --on-change");
    }
    if (hysteresis != null && above == null && below == null && crossing == null) {
      throw new IllegalArgumentException("--hysteresis goes with --above, --below or --crossing");
    }
    if (onChange != null && maxSilence == null) {
      options.onChange(onChange);
    } else if (onChange != null) {
      options.onChange(onChange, maxSilence);
    } else if (sample != null) {
      options.sample(sample);
    }
    threshold(options, above, Direction.DIRECTION_RISING);
    threshold(options, below, Direction.DIRECTION_FALLING);
    threshold(options, crossing, Direction.DIRECTION_BOTH);
  }

  private void threshold(SubscriberOptions.Builder options, Double limit, Direction direction) {
    if (limit != null) {
      options.threshold(limit, direction, hysteresis == null ? 0 : hysteresis);
    }
  }
}
