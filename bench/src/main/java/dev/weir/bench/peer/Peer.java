package dev.weir.bench.peer;

import dev.weir.bench.BenchFailure;

/** A server under comparison, running in a process of its own. Owned by the runner's thread. */
public interface Peer extends AutoCloseable {
  /** Returns the port on which it listens on loopback. */
  int port();

  /** CPU time it has used so far, all threads. */
  long cpuMillis() throws BenchFailure, InterruptedException;

  /** Time its compilers have worked so far; 0 where it has none. */
  long compileMillis() throws BenchFailure, InterruptedException;

  /** Memory it occupies now. */
  long residentBytes() throws BenchFailure;

  @Override
  void close() throws BenchFailure;
}
