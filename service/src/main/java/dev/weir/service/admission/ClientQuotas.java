package dev.weir.service.admission;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The clients of a server and what they use of their quotas. A client is known by the name that it
 * gives itself, else by its address: quotas keep honest clients from harming each other, and are no
 * defence against those who lie. Thread-safe; keeps those that have sessions, and a bounded number
 * of others.
 */
public final class ClientQuotas {
  /** Clients without a session that are kept before it looks for those that are idle. */
  private static final int KEPT_MAX = 10_000;

  private final Limits limits;
  private final boolean unbounded;
  private final Map<String, ClientQuota> known = new ConcurrentHashMap<>();

  /** Nobody is there yet. */
  public ClientQuotas(Limits limits) {
    this.limits = limits;
    this.unbounded =
        Stream.of(
                Limit.CLIENT_PUBLISHED_READINGS_PER_SECOND,
                Limit.CLIENT_PUBLISHED_BYTES_PER_SECOND,
                Limit.CLIENT_DELIVERED_BYTES_PER_SECOND,
                Limit.CLIENT_SESSIONS_MAX,
                Limit.CLIENT_SUBSCRIPTIONS_MAX)
            .allMatch(quota -> limits.get(quota) == 0);
  }

  /** How many are known. */
  int size() {
    return known.size();
  }

  /**
   * One of them.
   *
   * @param name that it gives itself; may be empty
   * @param address of its host
   */
  public ClientQuota of(String name, String address, long nowNanos) {
    if (unbounded) {
      return ClientQuota.UNBOUNDED;
    }
    if (known.size() > KEPT_MAX + limits.get(Limit.SESSIONS_MAX)) {
      known.values().removeIf(client -> client.isIdle(nowNanos));
    }
    return known.computeIfAbsent(
        name.isEmpty() ? "@" + address : name, any -> new ClientQuota(limits));
  }
}
