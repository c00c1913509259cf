package dev.weir.bench.measure;

import dev.weir.bench.BenchFailure;
import java.util.List;
import java.util.Map;

/**
 * A scenario under way: its processes stay up, so that rounds alternate without a new warm-up.
 * Owned by the runner's thread.
 */
public interface ScenarioRun extends AutoCloseable {
  /** Returns the contenders that take part, in the order of a round. */
  List<ContenderInfo> contenders();

  /** Returns the contenders that do not take part, each with the reason. */
  Map<String, String> missing();

  /** One round of one contender. */
  RoundSample measure(ContenderInfo contender) throws BenchFailure, InterruptedException;

  /** Settles the account of every reading and ends what was started. */
  @Override
  void close() throws BenchFailure;
}
