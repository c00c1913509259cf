package dev.weir.client.internal.connection;

import dev.weir.client.ClientOptions;
import dev.weir.client.internal.threads.ManualClientLoop;
import java.util.SplittableRandom;

/** The surroundings of sessions whose clock is the test's. Stateless. */
public final class TestSessionContext {
  private TestSessionContext() {}

  /** A client's; nobody is at its targets. */
  public static SessionContext of(ManualClientLoop loop, ClientOptions options) {
    return new SessionContext(
        options,
        loop,
        InProcessServerChannels.servers(loop, options.targets().toArray(String[]::new)),
        new RetryBudget(options.retriesPerMinuteMax(), loop.nanoTime()),
        Runnable::run,
        Runnable::run,
        new SplittableRandom(1),
        loop::nanoTime);
  }
}
