package dev.weir.it.proof;

import dev.weir.faultinjection.KillPoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * The way in which one server is to end. Immutable.
 *
 * @param point where it dies; null: at any time, by a SIGKILL from outside
 * @param nth at which occurrence, counted from when it was armed
 * @param millis how long until the SIGKILL
 */
record KillPlan(KillPoint point, int nth, int millis) {
  static final String ANYWHERE = "anywhere (SIGKILL)";
  private static final int MILLIS_MAX = 400;

  /** So many kills in an order that the seed decides, each point once before any comes again. */
  static List<KillPlan> plan(long seed, int count) {
    Random random = new Random(seed);
    List<KillPlan> plan = new ArrayList<>();
    List<KillPoint> deck = new ArrayList<>();
    while (plan.size() < count) {
      if (deck.isEmpty()) {
        deck.addAll(List.of(KillPoint.values()));
        deck.add(null);
        Collections.shuffle(deck, random);
      }
      KillPoint point = deck.remove(deck.size() - 1);
      plan.add(new KillPlan(point, 1 + random.nextInt(most(point)), random.nextInt(MILLIS_MAX)));
    }
    return plan;
  }

  /** So often the point is reached at once, or within about a second. */
  private static int most(KillPoint point) {
    if (point == null) {
      return 1;
    }
    return switch (point) {
      case START_NUMBER_WRITTEN, START_NUMBER_RENAMED, START_NUMBER_RAISED -> 1;
      case RECOVERY_BEFORE_CUT, RECOVERY_CUT, RECOVERY_SYNCED -> 5;
      case WATERMARK_HALF_WRITTEN, WATERMARK_UNSYNCED -> 5;
      case RETENTION_BEFORE_DELETE, RETENTION_DELETED, RETENTION_BETWEEN_DELETES -> 3;
      case ROLL_CREATED, ROLL_HEADER_UNSYNCED, ROLL_HEADER_SYNCED, ROLL_DURABLE -> 4;
      case CHECKPOINT_HALF_WRITTEN,
          CHECKPOINT_UNSYNCED,
          CHECKPOINT_SYNCED,
          CHECKPOINT_RENAMED,
          CHECKPOINT_DURABLE,
          CHECKPOINT_OLD_DELETED ->
          4;
      default -> 60;
    };
  }

  /** Returns whether it is on the way to readiness. */
  boolean atStart() {
    return point != null
        && switch (point) {
          case START_NUMBER_WRITTEN,
              START_NUMBER_RENAMED,
              START_NUMBER_RAISED,
              RECOVERY_BEFORE_CUT,
              RECOVERY_CUT,
              RECOVERY_SYNCED ->
              true;
          default -> false;
        };
  }

  String word() {
    return point == null ? ANYWHERE : point.word();
  }

  @Override
  public String toString() {
    return point == null ? ANYWHERE + " after " + millis + " ms" : point.word() + ":" + nth;
  }
}
