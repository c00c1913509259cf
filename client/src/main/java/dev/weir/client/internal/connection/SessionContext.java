package dev.weir.client.internal.connection;

import dev.weir.client.ClientOptions;
import dev.weir.client.internal.threads.ClientLoop;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * The environment of a session of a client. Immutable.
 *
 * @param options of the client
 * @param loop owns the session
 * @param servers whom it talks to
 * @param budget of tries that follow a failed one
 * @param callbacks runs user code of publishers
 * @param threads starts the thread of a subscriber
 * @param random jitter of the back-off, and numbers of publisher objects
 * @param epochNanos the wall clock, Unix nanoseconds
 */
public record SessionContext(
    ClientOptions options,
    ClientLoop loop,
    ServerSelector servers,
    RetryBudget budget,
    Executor callbacks,
    Consumer<Runnable> threads,
    RandomGenerator random,
    LongSupplier epochNanos) {

  /** A number for a publisher object, unlike any other's. Any thread. */
  public long newInstance() {
    return random.nextLong() | 1; // 0 would be none
  }
}
