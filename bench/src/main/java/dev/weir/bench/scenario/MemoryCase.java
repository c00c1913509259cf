package dev.weir.bench.scenario;

import dev.weir.bench.load.KeyValues;
import dev.weir.bench.measure.ContenderInfo;
import dev.weir.bench.peer.MissingPeer;
import dev.weir.bench.peer.NatsPeer;
import dev.weir.service.app.WeirServer;

/**
 * Many idle subscriptions at one system. Immutable.
 *
 * @param name of the contender
 * @param nats whether that is NATS, else Weir
 * @param connections TCP connections
 * @param sessions streaming calls over those connections, where the system has such
 * @param subscriptions of each session
 */
record MemoryCase(String name, boolean nats, int connections, int sessions, int subscriptions) {
  /** Describes it for the table. */
  ContenderInfo contender() throws MissingPeer {
    String idle =
        String.format("%,d idle subscriptions over %,d connections", total(), connections);
    if (nats) {
      String version = "nats-server " + NatsPeer.version();
      return new ContenderInfo(name, version, "none", idle + "; plain sockets");
    }
    return new ContenderInfo(
        name,
        "weir " + WeirServer.class.getPackage().getImplementationVersion(),
        "fsynced before the ack and before any delivery",
        String.format(
            "%s, %,d a session; JVM %s; garbage collected before each reading but"
                + " resident_bytes_before_gc",
            idle, subscriptions, MemoryRun.JVM));
  }

  KeyValues arguments(int port) {
    return KeyValues.none()
        .with("port", port)
        .with("connections", connections)
        .with("sessions", sessions)
        .with("subscriptions", subscriptions);
  }

  long total() {
    return (long) sessions * subscriptions;
  }
}
