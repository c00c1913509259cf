package dev.weir.service.log;

import static dev.weir.v1.Durability.DURABILITY_BUFFERED;
import static dev.weir.v1.Durability.DURABILITY_MEMORY;
import static dev.weir.v1.Durability.DURABILITY_REPLICATED;
import static dev.weir.v1.Durability.DURABILITY_SYNCED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Engines that are opened and closed together. */
final class LogEnginesTest {
  private final List<String> calls = new ArrayList<>();
  private final TestProvider disk =
      new TestProvider(
          "disk", calls, new LogEngine.Health(70, true, 5), DURABILITY_SYNCED, DURABILITY_BUFFERED);
  private final TestProvider cache =
      new TestProvider("cache", calls, new LogEngine.Health(90, false, 2), DURABILITY_MEMORY);

  private LogEngines open() throws IOException {
    return LogEngines.open(LogEngineProviders.of(List.of(cache, disk)), null);
  }

  @Test
  void engineOfSyncedTopics_isOpenedFirst_andGivesTheOthersTheirEpochs() throws IOException {
    try (LogEngines engines = open()) {
      assertThat(calls).containsExactly("open disk", "open cache");
      assertThat(engines.system().name()).isEqualTo("disk");
      assertThat(cache.epochs.newEpoch(new PartitionId("ab", 2))).isEqualTo(42);
      assertThatThrownBy(() -> disk.epochs.newEpoch(PartitionId.SYSTEM))
          .isInstanceOf(IllegalStateException.class);
    }
    assertThat(calls).endsWith("close cache", "close disk");
  }

  @Test
  void topics_areKeptByTheEngineThatOffersTheirDurability() throws IOException {
    try (LogEngines engines = open()) {
      assertThat(engines.durabilities())
          .containsExactly(DURABILITY_SYNCED, DURABILITY_BUFFERED, DURABILITY_MEMORY);
      assertThat(engines.of(DURABILITY_BUFFERED).name()).isEqualTo("disk");
      assertThat(engines.of(DURABILITY_MEMORY).name()).isEqualTo("cache");
      assertThatThrownBy(() -> engines.of(DURABILITY_REPLICATED))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void health_isThatOfAllStoresTogether() throws IOException {
    try (LogEngines engines = open()) {
      assertThat(engines.health()).isEqualTo(new LogEngine.Health(70, true, 7));
    }
  }

  @Test
  void engineThatCannotBeOpened_leavesNoOtherOpen() {
    cache.failToOpen();

    assertThatThrownBy(this::open).hasMessage("cache fails to open on purpose");
    assertThat(calls).containsExactly("open disk", "open cache", "close disk");
  }

  @Test
  void engineThatCannotBeClosed_keepsNoOtherFromBeingClosed() throws IOException {
    cache.failToClose();
    disk.failToClose();
    LogEngines engines = open();

    assertThatThrownBy(engines::close)
        .hasMessage("cache fails to close on purpose")
        .satisfies(
            failed ->
                assertThat(failed.getSuppressed())
                    .extracting(Throwable::getMessage)
                    .containsExactly("disk fails to close on purpose"));
    assertThat(calls).endsWith("close cache", "close disk");
  }
}
