package dev.weir.bench.scenario;

import dev.weir.bench.BenchFailure;

/** Where clients connect instead of the server's own port. */
interface ClientRoute {
  /** Nowhere else. */
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

  /** Where the publisher connects. */
  int publisherPort(int serverPort) throws BenchFailure;

  /** Where the subscriber connects. */
  int subscriberPort(int serverPort) throws BenchFailure;
}
