package dev.weir.service.rpc;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import dev.weir.service.catalog.TopicInfo;
import dev.weir.service.catalog.TopicSettings;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.session.ServerContext;
import dev.weir.v1.Durability;
import dev.weir.v1.Retention;
import dev.weir.v1.Topic;
import dev.weir.v1.UpdateTopicRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Topics as messages: checks what clients choose, and shows what is. Immutable.
 *
 * @param limits the bounds
 */
record TopicMessages(Limits limits) {
  private static final int PARTITIONS_MAX = 64;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final long RETENTION_BYTES_MIN = 1 << 20;
  private static final int QUOTED_PATH_LENGTH = 64;
  private static final long MAX_AGE_SECONDS_MAX = Long.MAX_VALUE / NANOS_PER_SECOND - 1;

  /**
   * Returns the settings that a CreateTopic chooses.
   *
   * @throws FaultException INVALID_ARGUMENT or UNIMPLEMENTED, with the field
   */
  TopicSettings settings(Topic asked) {
    int partitions = asked.getPartitionCount();
    if (partitions < 0 || partitions > PARTITIONS_MAX) {
      throw Fault.invalid(
              "topic.partition_count",
              "is " + Integer.toUnsignedString(partitions) + " (expected 1 to 64)")
          .exception();
    }
    if (asked.hasCreateTime()) {
      throw outputOnly("topic.create_time");
    }
    if (asked.hasUpdateTime()) {
      throw outputOnly("topic.update_time");
    }
    Durability durability = durability(asked);
    boolean memory = durability == Durability.DURABILITY_MEMORY;
    return new TopicSettings(
        Math.max(1, partitions),
        durability,
        maxAgeNanos(asked.getRetention()),
        maxBytes(asked.getRetention(), memory),
        labels(asked));
  }

  private static FaultException outputOnly(String field) {
    return Fault.invalid(field, "is output only; leave it out").exception();
  }

  private static Durability durability(Topic asked) {
    return switch (asked.getDurability()) {
      case DURABILITY_UNSPECIFIED, DURABILITY_SYNCED -> Durability.DURABILITY_SYNCED;
      case DURABILITY_BUFFERED, DURABILITY_MEMORY -> asked.getDurability();
      default ->
          throw Fault.unimplemented(
                  "topic.durability",
                  "is "
                      + asked.getDurability()
                      + ", which is not built yet (expected DURABILITY_SYNCED, DURABILITY_BUFFERED"
                      + " or DURABILITY_MEMORY)")
              .exception();
    };
  }

  private Map<String, String> labels(Topic asked) {
    refuse(ServerContext.definitions(limits).labels("topic.labels", asked.getLabelsMap()));
    return asked.getLabelsMap();
  }

  private static long maxAgeNanos(Retention retention) {
    Duration age = retention.getMaxAge();
    if (age.getSeconds() == 0 && age.getNanos() == 0) {
      return 0;
    }
    if (!Durations.isValid(age) || age.getSeconds() < 1 || age.getSeconds() > MAX_AGE_SECONDS_MAX) {
      throw Fault.invalid(
              "topic.retention.max_age",
              "must be from 1 s to " + MAX_AGE_SECONDS_MAX + " s, or 0 for no bound by age")
          .exception();
    }
    return Durations.toNanos(age);
  }

  private long maxBytes(Retention retention, boolean memory) {
    long max = memory ? limits.get(Limit.MEMORY_TOPIC_BYTES_MAX) : Long.MAX_VALUE;
    long asked = retention.getMaxBytes();
    if (asked != 0 && (asked < RETENTION_BYTES_MIN || asked > max)) { // 2^63 and more is negative
      throw Fault.invalid(
              "topic.retention.max_bytes",
              "is "
                  + Long.toUnsignedString(asked)
                  + " (expected "
                  + RETENTION_BYTES_MIN
                  + " to "
                  + max
                  + ", or 0 for the default)")
          .exception();
    }
    return asked;
  }

  /**
   * Gives the change that an UpdateTopic asks for.
   *
   * @throws FaultException INVALID_ARGUMENT, with the field; so does what it returns
   */
  UnaryOperator<TopicSettings> change(UpdateTopicRequest request) {
    List<String> paths = request.getUpdateMask().getPathsList();
    if (paths.isEmpty()) {
      throw Fault.invalid("update_mask", "is empty; name the fields to change").exception();
    }
    List<UnaryOperator<TopicSettings>> changes = new ArrayList<>();
    Set<String> named = new HashSet<>();
    for (int i = 0; i < paths.size(); i++) { // ends at the fifth path: four are known
      if (!named.add(paths.get(i))) {
        throw wrongPath(i, paths.get(i), "is there twice; name each field once").exception();
      }
      changes.add(change(request.getTopic(), paths.get(i), i));
    }
    return settings -> {
      TopicSettings changed = settings;
      for (UnaryOperator<TopicSettings> change : changes) {
        changed = change.apply(changed);
      }
      return changed;
    };
  }

  private UnaryOperator<TopicSettings> change(Topic asked, String path, int index) {
    Retention retention = asked.getRetention();
    return switch (path) {
      case "labels" -> {
        var labels = labels(asked);
        yield settings -> settings.withLabels(labels);
      }
      case "retention" -> {
        long nanos = maxAgeNanos(retention);
        yield settings ->
            settings.withMaxAgeNanos(nanos).withMaxBytes(maxBytes(retention, settings.memory()));
      }
      case "retention.max_age" -> {
        long nanos = maxAgeNanos(retention);
        yield settings -> settings.withMaxAgeNanos(nanos);
      }
      case "retention.max_bytes" ->
          settings -> settings.withMaxBytes(maxBytes(retention, settings.memory()));
      default ->
          throw wrongPath(
                  index,
                  path,
                  "cannot be changed (expected labels, retention, retention.max_age or"
                      + " retention.max_bytes)")
              .exception();
    };
  }

  /** Quotes a path up to a length, because an answer must not be as long as what was asked. */
  private static Fault wrongPath(int index, String path, String why) {
    String quoted =
        path.length() <= QUOTED_PATH_LENGTH ? path : path.substring(0, QUOTED_PATH_LENGTH) + "...";
    return Fault.invalid("update_mask.paths[" + index + "]", "\"" + quoted + "\" " + why);
  }

  /**
   * The topic as clients see it.
   *
   * @param bytesMax most bytes of each of its partitions, by default or by choice
   */
  static Topic message(TopicInfo info, long bytesMax) {
    Retention.Builder retention = Retention.newBuilder().setMaxBytes(bytesMax);
    long maxAgeNanos = info.settings().maxAgeNanos();
    if (maxAgeNanos > 0) {
      retention.setMaxAge(Durations.fromNanos(maxAgeNanos));
    }
    Topic.Builder topic =
        Topic.newBuilder()
            .setName(info.name())
            .setPartitionCount(info.partitionCount())
            .setDurability(info.durability())
            .setRetention(retention)
            .putAllLabels(info.labels())
            .setCreateTime(Timestamps.fromNanos(info.createTimeNanos()));
    if (info.updateTimeNanos() != 0) {
      topic.setUpdateTime(Timestamps.fromNanos(info.updateTimeNanos()));
    }
    return topic.build();
  }

  private static void refuse(Optional<Fault> fault) {
    fault.ifPresent(
        wrong -> {
          throw wrong.exception();
        });
  }
}
