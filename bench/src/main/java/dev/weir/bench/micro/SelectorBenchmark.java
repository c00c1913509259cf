package dev.weir.bench.micro;

import dev.weir.service.catalog.DefinedSensor;
import dev.weir.service.catalog.SelectedSensors;
import dev.weir.service.catalog.SensorCatalog;
import dev.weir.v1.Kind;
import dev.weir.v1.Selector;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Measures the cost of a selector in a topic of a million sensors. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgs = "-Xmx1g")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SelectorBenchmark {
  private static final int SENSORS = 1_000_000;
  private static final int LINES = 1_000;

  private final SensorCatalog catalog = new SensorCatalog(1, SENSORS);
  private final Selector globs =
      Selector.newBuilder().addGlobs("plant1/line7/**").addGlobs("plant1/*/sensor99*").build();
  private final Selector names = Selector.newBuilder().addNames(name(SENSORS / 2)).build();
  private final Selector all = Selector.newBuilder().setAll(true).build();
  private SelectedSensors selected;
  private int id;

  /** Defines the sensors. */
  @Setup
  public final void define() {
    for (int sensor = 0; sensor < SENSORS; sensor++) {
      catalog.add(new DefinedSensor(sensor, name(sensor), Kind.KIND_DOUBLE_VALUE, "", Map.of()));
    }
    selected = new SelectedSensors(catalog, globs);
  }

  private static String name(int sensor) {
    return "plant1/line" + sensor % LINES + "/sensor" + sensor / LINES;
  }

  /** Tests whether one sensor is selected, as a view does for each reading. */
  @Benchmark
  public final boolean test() {
    id = (id + 1) % SENSORS;
    return selected.test(id);
  }

  /** Compiles a selector of two globs: every sensor is looked at. */
  @Benchmark
  public final SelectedSensors compileGlobs() {
    return new SelectedSensors(catalog, globs);
  }

  /** Compiles a selector of one name. */
  @Benchmark
  public final SelectedSensors compileName() {
    return new SelectedSensors(catalog, names);
  }

  /** Compiles a selector of everything. */
  @Benchmark
  public final SelectedSensors compileAll() {
    return new SelectedSensors(catalog, all);
  }
}
