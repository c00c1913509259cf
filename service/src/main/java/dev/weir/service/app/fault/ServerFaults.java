package dev.weir.service.app.fault;

import dev.weir.common.file.DataFiles;
import dev.weir.service.config.Limits;
import dev.weir.service.core.sequence.SequenceRule;
import dev.weir.service.log.LogEngine;
import dev.weir.service.log.LogEngineSettings;
import io.grpc.ServerInterceptor;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * The faults of one server. Each part of the server is made with what these methods give; by
 * default that is what it would have without faults. Implementations are thread-safe.
 */
public interface ServerFaults {
  /** The faults of a server as it should be. */
  ServerFaults NONE = new ServerFaults() {};

  /** Returns whether the server has no fault. */
  default boolean isEmpty() {
    return true;
  }

  /** The limits that the server keeps, instead of those that it is configured with. */
  default Limits limits(Limits limits) {
    return limits;
  }

  /** The files that the log is written to. */
  default DataFiles files(DataFiles disk) {
    return disk;
  }

  /** The settings that the log engines are opened with. */
  default LogEngineSettings engineSettings(LogEngineSettings settings) {
    return settings;
  }

  /** The engine that partitions are claimed from. */
  default LogEngine engine(LogEngine engine) {
    return engine;
  }

  /** The rule by which batches of producers are judged. */
  default SequenceRule sequenceRule() {
    return SequenceRule.STRICT;
  }

  /** An interceptor of every call; empty for none. */
  default Optional<ServerInterceptor> interceptor() {
    return Optional.empty();
  }

  /**
   * Told once, before the server takes calls.
   *
   * @param threads gives a thread of the server by its name, and null for an unknown name
   */
  default void threads(Function<String, Executor> threads) {}

  /**
   * Has something go wrong from now on in the running server. Any thread.
   *
   * @throws IllegalArgumentException if these faults do not know it
   */
  default void arm(String fault) {
    throw new IllegalArgumentException("fault: " + fault + " (expected none)");
  }
}
