package dev.weir.bench.compare;

import dev.weir.bench.BenchFailure;

/** Where clients connect instead of the server's own port. */
interface Detour {
  /** Nowhere else. */
  Detour NONE =
      new Detour() {
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
