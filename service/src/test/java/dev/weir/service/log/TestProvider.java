package dev.weir.service.log;

import dev.weir.v1.Durability;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** A provider of engines without partitions. Owned by one test. */
class TestProvider implements LogEngineProvider {
  private final String name;
  private final Set<Durability> durabilities;
  private final List<String> calls;
  private final LogEngine.Health health;
  private boolean openFails;
  private boolean closeFails;
  EpochSource epochs; // given by the last open

  /** A provider that tells nobody what is called. */
  TestProvider(String name, Durability... durabilities) {
    this(name, new ArrayList<>(), LogEngine.Health.UNBOUNDED, durabilities);
  }

  /**
   * @param calls told each open and close, such as "open NAME"
   */
  TestProvider(
      String name, List<String> calls, LogEngine.Health health, Durability... durabilities) {
    this.name = name;
    this.durabilities = Arrays.stream(durabilities).collect(Collectors.toSet());
    this.calls = calls;
    this.health = health;
  }

  void failToOpen() {
    openFails = true;
  }

  void failToClose() {
    closeFails = true;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Set<Durability> durabilities() {
    return durabilities;
  }

  @Override
  public LogEngine open(LogEngineSettings settings, EpochSource given) throws IOException {
    calls.add("open " + name);
    epochs = given;
    if (openFails) {
      throw new IOException(name + " fails to open on purpose");
    }
    return new OpenEngine();
  }

  private final class OpenEngine implements LogEngine {
    @Override
    public String name() {
      return name;
    }

    @Override
    public PartitionLog claim(PartitionId id, boolean mayMake) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void delete(PartitionId id) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long newEpoch(PartitionId id) {
      return id.partition() + 40L;
    }

    @Override
    public Health health() {
      return health;
    }

    @Override
    public void close() throws IOException {
      calls.add("close " + name);
      if (closeFails) {
        throw new IOException(name + " fails to close on purpose");
      }
    }
  }
}
