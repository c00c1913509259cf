package dev.weir.service.admission;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One client's use of its quotas, over all its sessions and calls. Thread-safe; used only between
 * {@link ClientQuotas#enter} and {@link ClientQuotas#leave}.
 */
public final class ClientQuota {
  /** One without quotas. */
  static final ClientQuota UNBOUNDED = new ClientQuota("", Limits.defaults());

  /** Heap of a client that is remembered, besides its name. */
  private static final int ENTRY_BYTES = 400;

  private final String key;
  private final RateLimit publishedReadings;
  private final RateLimit publishedBytes;
  private final RateLimit deliveredBytes;
  private final int sessionsMax;
  private final int subscriptionsMax;
  private final AtomicInteger sessions = new AtomicInteger();
  private final AtomicInteger subscriptions = new AtomicInteger();

  /** Calls that hold it; changed under the lock of its key in {@link ClientQuotas}. */
  int holders;

  /** True if it waits there to be forgotten; changed under the same lock. */
  boolean waits;

  /**
   * @param key under which it is known
   */
  ClientQuota(String key, Limits limits) {
    this.key = key;
    publishedReadings = new RateLimit(limits.get(Limit.CLIENT_PUBLISHED_READINGS_PER_SECOND));
    publishedBytes = new RateLimit(limits.get(Limit.CLIENT_PUBLISHED_BYTES_PER_SECOND));
    deliveredBytes = new RateLimit(limits.get(Limit.CLIENT_DELIVERED_BYTES_PER_SECOND));
    sessionsMax = most(limits, Limit.CLIENT_SESSIONS_MAX);
    subscriptionsMax = most(limits, Limit.CLIENT_SUBSCRIPTIONS_MAX);
  }

  /** The client that a call has which is over, and which holds none. */
  public static ClientQuota none() {
    return UNBOUNDED;
  }

  String key() {
    return key;
  }

  /** Heap that it takes. */
  int bytes() {
    return ENTRY_BYTES + 2 * key.length();
  }

  private static int most(Limits limits, Limit limit) {
    int set = limits.getInt(limit);
    return set == 0 ? Integer.MAX_VALUE : set;
  }

  /** Returns whether there is room for one more session; if so it has it, and must leave. */
  public boolean enterSession() {
    return enter(sessions, sessionsMax);
  }

  /** A session that had room has ended. */
  public void leaveSession() {
    sessions.decrementAndGet();
  }

  /** Returns whether there is room for one more subscription; if so it has it, and must leave. */
  public boolean enterSubscription() {
    return enter(subscriptions, subscriptionsMax);
  }

  /** A subscription that had room has ended. */
  public void leaveSubscription() {
    subscriptions.decrementAndGet();
  }

  private static boolean enter(AtomicInteger count, int most) {
    if (count.incrementAndGet() <= most) {
      return true;
    }
    count.decrementAndGet();
    return false;
  }

  /**
   * Publishes, or not yet. A batch larger than what is left is taken where anything is: the next
   * one waits for it.
   *
   * @return 0 where it was taken; otherwise how long to wait
   */
  public long publish(long readings, long bytes, long nowNanos) {
    long wait = publishWait(nowNanos);
    if (wait == 0) {
      published(readings, bytes, nowNanos);
    }
    return wait;
  }

  /** Returns whether it may not publish as much as it likes. */
  public boolean publishIsBounded() {
    return publishedReadings.isBounded() || publishedBytes.isBounded();
  }

  /** Returns the time to wait before anything may be published; 0: none. */
  public long publishWait(long nowNanos) {
    return Math.max(publishedReadings.waitNanos(nowNanos), publishedBytes.waitNanos(nowNanos));
  }

  /** Returns the quota for which {@link #publishWait} waits. */
  public Limit publishQuota(long nowNanos) {
    return !publishedBytes.isBounded()
            || publishedReadings.waitNanos(nowNanos) > publishedBytes.waitNanos(nowNanos)
        ? Limit.CLIENT_PUBLISHED_READINGS_PER_SECOND
        : Limit.CLIENT_PUBLISHED_BYTES_PER_SECOND;
  }

  /** Something was published, also where it should have waited. */
  public void published(long readings, long bytes, long nowNanos) {
    publishedReadings.take(readings, nowNanos);
    publishedBytes.take(bytes, nowNanos);
  }

  /** Returns the time to wait before something may be delivered; 0: none. */
  public long deliveryWait(long nowNanos) {
    return deliveredBytes.waitNanos(nowNanos);
  }

  /** Something was delivered. */
  public void delivered(long bytes, long nowNanos) {
    deliveredBytes.take(bytes, nowNanos);
  }

  /** Returns whether another one that begins now could use no more than this one. */
  boolean isRefilled(long nowNanos) {
    return publishedReadings.isFull(nowNanos)
        && publishedBytes.isFull(nowNanos)
        && deliveredBytes.isFull(nowNanos);
  }
}
