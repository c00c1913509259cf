package dev.weir.cli;

import com.google.protobuf.util.Durations;
import dev.weir.cli.text.DurationText;
import dev.weir.cli.text.SizeText;
import dev.weir.common.OwnedBy;
import dev.weir.v1.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The settings of a topic that may change. Owned by the command. */
@OwnedBy("main thread")
final class TopicOptions {
  /** A number of bytes. */
  static final class Bytes implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      try {
        return SizeText.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  @Option(
      names = "--max-age",
      paramLabel = "DURATION",
      description =
          "Readings stored longer ago may be deleted, at least 1s; 0s is without bound. "
              + DurationText.EXPECTED
              + ".")
  private Duration maxAge;

  @Option(
      names = "--max-bytes",
      paramLabel = "SIZE",
      converter = Bytes.class,
      description =
          "Most bytes of each partition, at least 1MiB; 0 is the server's default. "
              + SizeText.EXPECTED
              + ".")
  private Long maxBytes;

  @Option(
      names = "--label",
      paramLabel = "KEY=VALUE",
      description = "A label; may be given several times, and stands for all there were.")
  private Map<String, String> labels = Map.of();

  /** The fields of the contract that are given. */
  List<String> fields() {
    List<String> fields = new ArrayList<>();
    if (maxAge != null) {
      fields.add("retention.max_age");
    }
    if (maxBytes != null) {
      fields.add("retention.max_bytes");
    }
    if (!labels.isEmpty()) {
      fields.add("labels");
    }
    return fields;
  }

  void applyTo(Topic.Builder topic) {
    topic.putAllLabels(labels);
    if (maxAge != null) {
      topic.getRetentionBuilder().setMaxAge(Durations.fromNanos(maxAge.toNanos()));
    }
    if (maxBytes != null) {
      topic.getRetentionBuilder().setMaxBytes(maxBytes);
    }
  }
}
