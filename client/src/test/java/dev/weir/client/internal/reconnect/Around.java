package dev.weir.client.internal.reconnect;

import dev.weir.client.ClientOptions;
import dev.weir.client.internal.InProcessChannels;
import dev.weir.client.internal.ManualLoop;
import dev.weir.client.internal.RetryBudget;
import dev.weir.client.internal.Surroundings;
import java.util.SplittableRandom;

/** The surroundings of sessions whose clock is the test's. Stateless. */
final class Around {
  private Around() {}

  /** A client's; nobody is at its targets. */
  static Surroundings of(ManualLoop loop, ClientOptions options) {
    return new Surroundings(
        options,
        loop,
        InProcessChannels.servers(loop, options.targets().toArray(String[]::new)),
        new RetryBudget(options.retriesPerMinuteMax(), loop.nanoTime()),
        Runnable::run,
        Runnable::run,
        new SplittableRandom(1),
        loop::nanoTime);
  }
}
