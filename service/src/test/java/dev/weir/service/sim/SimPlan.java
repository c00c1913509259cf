package dev.weir.service.sim;

import com.google.protobuf.Duration;
import dev.weir.service.catalog.TopicSettings;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.log.segment.file.SegmentOptions;
import dev.weir.v1.Credit;
import dev.weir.v1.Durability;
import dev.weir.v1.Format;
import dev.weir.v1.MaxLag;
import dev.weir.v1.Mode;
import dev.weir.v1.OnExpired;
import dev.weir.v1.Overflow;
import dev.weir.v1.Subscription;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.function.LongSupplier;

/**
 * What a seed makes of a world: its bounds, its topic, what is asked, how often what goes wrong.
 */
final class SimPlan {
  /** What a world is to show. */
  enum Kind {
    /** Everything goes wrong. */
    FAULTS,
    /** Nothing fails, but readers fall behind and catch up all the time. */
    HAND_OVERS
  }

  private static final long HOUR_NANOS = 3_600_000_000_000L;
  private static final int[] TAIL_BYTES = {1_000, 4_000, 20_000, 1 << 20};

  private final Random random;
  private final Kind kind;
  private final int partitions;
  private final TopicSettings settings;
  final boolean diskFails;
  final boolean syncsFail;
  final boolean diskFills;
  final boolean processDies;
  final boolean powerFails;
  final boolean callsBreak;
  final boolean clockJumps;
  final boolean syncsStall;
  final boolean producersRestart;

  SimPlan(Random random, Kind kind) {
    this.random = random;
    this.kind = kind;
    boolean faults = kind == Kind.FAULTS;
    partitions = 1 + random.nextInt(faults ? 3 : 1);
    long maxBytes = faults && random.nextBoolean() ? 2_000 + random.nextInt(6_000) : 0;
    long maxAge = random.nextInt(3) == 0 ? 4 * HOUR_NANOS : 0;
    settings =
        new TopicSettings(partitions, Durability.DURABILITY_SYNCED, maxAge, maxBytes, Map.of());
    diskFails = faults && random.nextInt(3) == 0;
    syncsFail = faults && random.nextInt(3) == 0;
    diskFills = faults && random.nextInt(4) == 0;
    processDies = faults && random.nextInt(2) == 0;
    powerFails = faults && random.nextInt(2) == 0;
    callsBreak = faults && random.nextInt(3) > 0;
    clockJumps = faults && random.nextInt(3) == 0;
    syncsStall = random.nextInt(2) == 0;
    producersRestart = faults && random.nextInt(3) == 0;
  }

  Kind kind() {
    return kind;
  }

  int partitions() {
    return partitions;
  }

  TopicSettings settings() {
    return settings;
  }

  private int one(int... of) {
    return of[random.nextInt(of.length)];
  }

  SimServerSettings setup(LongSupplier clock) {
    Map<Limit, Long> set = new EnumMap<>(Limit.class);
    set.put(Limit.TAIL_RECORDS_MAX, (long) one(16, 16, 64));
    set.put(Limit.VIEW_RECORDS_MAX, (long) one(16, 64));
    set.put(Limit.PARTITION_QUEUE_REQUESTS, (long) one(2, 8, 64));
    set.put(Limit.COMMIT_ROUND_REQUESTS_MAX, (long) one(1, 3, 64));
    set.put(Limit.PUBLISH_WINDOW_BATCHES, (long) one(1, 4, 16));
    set.put(Limit.DELIVERY_BYTES_MAX, (long) one(1_024, 1_024, 16_384));
    set.put(Limit.RETRY_DELAY_MS, 10L);
    set.put(Limit.PROGRESS_INTERVAL_MS_MIN, 10L);
    SegmentOptions segments =
        new SegmentOptions(one(1_024, 2_048, 8_192), 256, 2, 1_024, 1_024, 1 << 20, 1_000)
            .withReserveBytes(one(0, 2_000));
    long tailBytes = TAIL_BYTES[random.nextInt(kind == Kind.FAULTS ? TAIL_BYTES.length : 2)];
    set.put(Limit.TAIL_BYTES, tailBytes);
    return new SimServerSettings(
        Limits.of(set), segments, clock, one(1, 4, 100), 20_000_000L + one(0, 80_000_000));
  }

  /** A random subscription. */
  Subscription subscription(SimWorld world, int id) {
    Subscription.Builder asked =
        Subscription.newBuilder()
            .setId(id)
            .setTopic(SimServer.TOPIC)
            .setFormat(random.nextBoolean() ? Format.FORMAT_COLUMNS : Format.FORMAT_ROWS)
            .setOnExpired(OnExpired.ON_EXPIRED_EARLIEST);
    if (random.nextInt(3) > 0) {
      asked.getSelectorBuilder().setAll(true);
    } else {
      for (int i = 0; i < 3; i++) {
        int p = random.nextInt(partitions);
        String name = world.sensor(p, random.nextInt(SimWorld.SENSORS));
        if (!asked.getSelector().getNamesList().contains(name)) {
          asked.getSelectorBuilder().addNames(name);
        }
      }
    }
    if (random.nextInt(3) == 0) {
      asked.setCredit(Credit.getDefaultInstance());
    }
    if (kind == Kind.FAULTS && random.nextInt(4) == 0) {
      asked.setProgressInterval(Duration.newBuilder().setNanos(10_000_000));
    }
    start(asked);
    if (kind == Kind.FAULTS) {
      mode(asked);
    }
    return asked.build();
  }

  private void start(Subscription.Builder asked) {
    switch (random.nextInt(kind == Kind.FAULTS ? 5 : 1)) {
      case 1 -> asked.setSnapshot(true);
      case 2 -> {
        asked.setName("durable" + random.nextInt(2));
        asked.getStartBuilder().setCommitted(true);
      }
      case 3 -> asked.getStartBuilder().setLatest(true);
      default -> asked.getStartBuilder().setEarliest(true);
    }
  }

  private void mode(Subscription.Builder asked) {
    if (random.nextInt(3) > 0) {
      return;
    }
    Duration tenMillis = Duration.newBuilder().setNanos(10_000_000).build();
    switch (random.nextInt(6)) {
      case 0, 1 -> {
        asked.setMode(Mode.MODE_ON_CHANGE).setSnapshot(false);
        asked.getOnChangeBuilder().setDeadBand(SentBatch.VALUES * 1.5);
      }
      case 2 -> {
        asked.setMode(Mode.MODE_SAMPLE).setSnapshot(false);
        asked.getSampleBuilder().setInterval(tenMillis);
      }
      case 3 -> {
        asked.setMode(Mode.MODE_THRESHOLD).setSnapshot(false);
        asked.getThresholdBuilder().setLimit(SentBatch.VALUES * 4.0);
      }
      default -> {
        Overflow[] policies = {
          Overflow.OVERFLOW_CONFLATE, Overflow.OVERFLOW_DROP_OLDEST, Overflow.OVERFLOW_END
        };
        asked.setOverflow(policies[random.nextInt(policies.length)]);
        if (random.nextBoolean()) {
          asked.setMaxLag(MaxLag.newBuilder().setReadings(5 + random.nextInt(40)));
        }
      }
    }
  }
}
