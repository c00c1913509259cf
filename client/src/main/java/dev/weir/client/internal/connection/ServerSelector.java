package dev.weir.client.internal.connection;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * The servers of one client, which share one log, and the one that it uses now. Thread-safe; its
 * lock guards which.
 *
 * <p>Their order is shuffled, so that the clients of a server that goes away spread over the
 * others. A client uses one server as long as that works, and never comes back to one that failed
 * before it has tried the others.
 */
public final class ServerSelector implements AutoCloseable {
  private final List<ServerChannels> order;
  private final Executor loop;
  private int present;

  private ServerSelector(List<ServerChannels> order, Executor loop) {
    this.order = order;
    this.loop = loop;
  }

  /**
   * The connections to these servers.
   *
   * @param targets at least one
   * @param loop where connections that failed are put to rest
   * @param open makes the connections to one; what it throws is thrown, and nothing stays open
   */
  public static ServerSelector of(
      List<String> targets,
      RandomGenerator random,
      Executor loop,
      Function<String, ServerChannels> open) {
    List<ServerChannels> order = new ArrayList<>();
    ServerSelector servers = new ServerSelector(order, loop);
    try {
      targets.forEach(target -> order.add(open.apply(target)));
    } catch (RuntimeException | Error e) {
      servers.close();
      throw e;
    }
    for (int i = order.size() - 1; i > 0; i--) {
      Collections.swap(order, i, random.nextInt(i + 1));
    }
    return servers;
  }

  /** Returns whether there is more than one server. */
  public boolean areSeveral() {
    return order.size() > 1;
  }

  /** The server to use now, for a new try. */
  public ServerChannels present() {
    ServerChannels server;
    synchronized (this) {
      server = order.get(present);
    }
    server.rest();
    return server;
  }

  /**
   * A server failed, or is going away: whoever connects next does it with another one, if there is
   * one. Nothing where somebody has found that out before.
   */
  public void leave(ServerChannels server) {
    synchronized (this) {
      if (order.get(present) == server) {
        present = (present + 1) % order.size();
      }
    }
    // Not before the library has finished with the failure that the caller received.
    loop.execute(server::rest);
  }

  /** Cancels what is under way. Idempotent. */
  @Override
  public void close() {
    order.forEach(ServerChannels::shutDown);
    order.forEach(ServerChannels::close);
  }
}
