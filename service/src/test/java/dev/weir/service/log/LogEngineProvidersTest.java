package dev.weir.service.log;

import static dev.weir.v1.Durability.DURABILITY_BUFFERED;
import static dev.weir.v1.Durability.DURABILITY_MEMORY;
import static dev.weir.v1.Durability.DURABILITY_REPLICATED;
import static dev.weir.v1.Durability.DURABILITY_SYNCED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.service.config.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which engine keeps which topics, and what is refused where that is not clear. */
final class LogEngineProvidersTest {
  private static final TestProvider DISK =
      new TestProvider("disk", DURABILITY_BUFFERED, DURABILITY_SYNCED);
  private static final TestProvider MEMORY = new TestProvider("memory", DURABILITY_MEMORY);

  private static String refusal(LogEngineProvider... found) {
    List<LogEngineProvider> engines = List.of(found);
    ConfigException[] refused = new ConfigException[1];
    assertThatThrownBy(() -> LogEngineProviders.of(engines))
        .isInstanceOfSatisfying(ConfigException.class, e -> refused[0] = e);
    return refused[0].getMessage();
  }

  @Test
  void classPathOfTheService_hasTheSegmentAndTheMemoryEngine() {
    LogEngineProviders found = LogEngineProviders.load();

    assertThat(found.all())
        .extracting(LogEngineProvider::name)
        .containsExactly("memory", "segment");
    assertThat(found.byDurability().get(DURABILITY_SYNCED).name()).isEqualTo("segment");
    assertThat(found.byDurability().get(DURABILITY_BUFFERED).name()).isEqualTo("segment");
    assertThat(found.byDurability().get(DURABILITY_MEMORY).name()).isEqualTo("memory");
  }

  @Test
  void orderInWhichEnginesAreFound_makesNoDifference() {
    LogEngineProviders one = LogEngineProviders.of(List.of(MEMORY, DISK));
    LogEngineProviders other = LogEngineProviders.of(List.of(DISK, MEMORY));

    assertThat(one.all()).containsExactly(DISK, MEMORY).isEqualTo(other.all());
    assertThat(one.byDurability()).isEqualTo(other.byDurability());
  }

  @Test
  void missingEngine_isRefusedWithItsDurability_andTheKnownEngines() {
    assertThat(refusal(DISK))
        .isEqualTo(
            "log engines: none offers MEMORY; the known engines are disk (SYNCED, BUFFERED); put"
                + " one that does on the class path");
    assertThat(refusal())
        .isEqualTo(
            "log engines: none offers SYNCED; the known engines are none; put one that does on the"
                + " class path");
  }

  @Test
  void twoEnginesOfOneName_areRefusedWithTheirClasses_andTheKnownEngines() {
    TestProvider again = new TestProvider("disk", DURABILITY_SYNCED) {};
    String expected =
        "log engines: dev.weir.service.log.LogEngineProvidersTest$1 and"
            + " dev.weir.service.log.TestProvider both have the name disk; the known engines are"
            + " disk (SYNCED), disk (SYNCED, BUFFERED), memory (MEMORY); leave one of the two on the"
            + " class path";

    assertThat(refusal(DISK, MEMORY, again)).isEqualTo(expected);
    assertThat(refusal(again, DISK, MEMORY)).as("in any order").isEqualTo(expected);
  }

  @Test
  void twoEnginesOfOneDurability_areRefused_andNoneIsPreferred() {
    TestProvider other = new TestProvider("tape", DURABILITY_SYNCED);
    String expected =
        "log engines: disk and tape both offer SYNCED; the known engines are disk (SYNCED,"
            + " BUFFERED), memory (MEMORY), tape (SYNCED); leave one of the two on the class path";

    assertThat(refusal(DISK, MEMORY, other)).isEqualTo(expected);
    assertThat(refusal(other, MEMORY, DISK)).as("in any order").isEqualTo(expected);
  }

  @Test
  void durabilityThatNoTopicCanHave_isRefused_andNotToldToClients() {
    TestProvider other = new TestProvider("many", DURABILITY_REPLICATED);

    assertThat(refusal(DISK, MEMORY, other))
        .isEqualTo(
            "log engines: many offers REPLICATED, which no topic can have; the known engines are"
                + " disk (SYNCED, BUFFERED), many (REPLICATED), memory (MEMORY); take the engine off"
                + " the class path");
  }

  @Test
  void engineWithNothingToLookInto_isNamed() {
    LogEngineProviders engines = LogEngineProviders.of(List.of(DISK, MEMORY));

    assertThatThrownBy(() -> engines.inspect(Path.of("/data"), null, true))
        .isInstanceOf(IOException.class)
        .hasMessage("the engine disk keeps nothing in /data that can be looked into");
  }
}
