package dev.weir.bench.process;

import dev.weir.client.WeirClient;
import java.util.ArrayList;
import java.util.List;

/** A set of clients, as many as so many publishers or subscribers need. Owned by one thread. */
final class ManyTopicsClients implements AutoCloseable {
  /** A client has at most 256 of them; see docs/limits-client.md. */
  private static final int SESSIONS_EACH = 250;

  private final List<WeirClient> clients = new ArrayList<>();
  private final String target;
  private int sessions;

  ManyTopicsClients(String target) {
    this.target = target;
  }

  /** The client of the next publisher or subscriber. */
  WeirClient next() {
    if (sessions++ % SESSIONS_EACH == 0) {
      clients.add(WeirClient.connect(target));
    }
    return clients.get(clients.size() - 1);
  }

  @Override
  public void close() {
    clients.forEach(WeirClient::close);
  }
}
