package dev.weir.service.admission;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The clients of a server and what they use of their quotas. A client is known by the name that it
 * gives itself, else by its address: quotas keep honest clients from harming each other, and are no
 * defence against those who lie. A client is remembered while a call of it is under way, and after
 * that until its quotas have refilled, so that nobody resets a quota by connecting again. Each is
 * charged to a budget as long. Every call costs the same, however many are known.
 *
 * <p>Thread-safe. How many hold an entry, and whether it waits to be forgotten, is changed under
 * the map's lock of its key only, and no other lock is taken then; its rates and counts are atomic,
 * and change only while it is held. So an entry that is taken out of the map has nothing that could
 * be lost.
 */
public final class ClientQuotas {
  /** Clients that were left and are looked at with each one that is left: more go than come. */
  private static final int LOOKS = 2;

  /** Clients that are looked at in one sweep at most. */
  private static final int SWEEP_LOOKS_MAX = 4_096;

  private final Limits limits;
  private final Budget budget;
  private final boolean unbounded;
  private final ConcurrentMap<String, ClientQuota> known = new ConcurrentHashMap<>();
  private final Queue<ClientQuota> waiting = new ArrayDeque<>(); // each once; guarded by itself

  /**
   * Makes quotas of no client yet.
   *
   * @param budget is charged each client that is remembered
   */
  public ClientQuotas(Limits limits, Budget budget) {
    this.limits = limits;
    this.budget = budget;
    this.unbounded =
        Stream.of(
                Limit.CLIENT_PUBLISHED_READINGS_PER_SECOND,
                Limit.CLIENT_PUBLISHED_BYTES_PER_SECOND,
                Limit.CLIENT_DELIVERED_BYTES_PER_SECOND,
                Limit.CLIENT_SESSIONS_MAX,
                Limit.CLIENT_SUBSCRIPTIONS_MAX)
            .allMatch(quota -> limits.get(quota) == 0);
  }

  /** Returns the number that is known. */
  int size() {
    return known.size();
  }

  /**
   * Returns the client of a call, which must be left when the call is over. It is charged without
   * room too: the budget refuses calls before they come here.
   *
   * @param name that it gives itself; may be empty
   * @param address of its host
   */
  public ClientQuota enter(String name, String address) {
    return unbounded
        ? ClientQuota.UNBOUNDED
        : known.compute(
            name.isEmpty() ? "@" + address : name,
            (key, found) -> {
              ClientQuota client = found == null ? remembered(key) : found;
              client.holders++;
              return client;
            });
  }

  private ClientQuota remembered(String key) {
    ClientQuota client = new ClientQuota(key, limits);
    budget.take(client.bytes());
    return client;
  }

  /**
   * A call of a client is over; once for each {@link #enter}. The call does not use it any more.
   */
  public void leave(ClientQuota client, long nowNanos) {
    if (client == ClientQuota.UNBOUNDED) {
      return;
    }
    change(client, left -> left.holders--, nowNanos);
    for (int i = 0; i < LOOKS; i++) {
      look(nowNanos);
    }
  }

  /**
   * Looks at some of the clients that were left, and forgets those whose quotas have refilled. To
   * be called now and then, for the time when no calls end.
   */
  public void sweep(long nowNanos) {
    ClientQuota first = null;
    for (int i = 0; i < SWEEP_LOOKS_MAX; i++) {
      ClientQuota seen = look(nowNanos);
      if (seen == null || seen == first) {
        return;
      }
      first = first == null ? seen : first;
    }
  }

  /** Looks at the client that has waited longest; null if none waits. */
  private ClientQuota look(long nowNanos) {
    ClientQuota client;
    synchronized (waiting) {
      client = waiting.poll();
    }
    if (client != null) {
      change(client, seen -> seen.waits = false, nowNanos);
    }
    return client;
  }

  /**
   * Changes a client. One that nobody holds then, and that does not wait, is forgotten, or waits to
   * be forgotten.
   *
   * @param change run under the map's lock of the client's key
   */
  private void change(ClientQuota client, Consumer<ClientQuota> change, long nowNanos) {
    boolean[] begins = new boolean[1]; // to wait
    known.compute(
        client.key(),
        (key, same) -> {
          change.accept(client);
          if (client.holders > 0 || client.waits) {
            return client;
          }
          if (client.isRefilled(nowNanos)) {
            budget.giveBack(client.bytes());
            return null;
          }
          client.waits = true;
          begins[0] = true;
          return client;
        });
    if (begins[0]) { // and nobody else adds it as long as it waits
      synchronized (waiting) {
        waiting.add(client);
      }
    }
  }
}
