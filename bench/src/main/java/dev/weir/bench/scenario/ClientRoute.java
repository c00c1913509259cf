package dev.weir.bench.scenario;

import dev.weir.bench.BenchFailure;

/** Chooses the port that clients connect to in place of the server's own. */
interface ClientRoute {
  /** The server's own port. */
  ClientRoute NONE =
      new ClientRoute() {
        @Override
        public int publisherPort(int serverPort) {
          return serverPort;
        }

        @Override
        public int subscriberPort(int serverPort) {
          return serverPort;
        }
      };

  /** Returns the port that the publisher connects to. */
  int publisherPort(int serverPort) throws BenchFailure;

  /** Returns the port that the subscriber connects to. */
  int subscriberPort(int serverPort) throws BenchFailure;
}
