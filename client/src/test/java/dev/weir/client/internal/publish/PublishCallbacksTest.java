package dev.weir.client.internal.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.PublisherOptions;
import dev.weir.client.internal.batch.EncodedBatchReader;
import dev.weir.client.internal.batch.PublishBuffer;
import dev.weir.client.internal.batch.ReadingBatch;
import dev.weir.client.internal.metrics.ClientMetrics;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Durability;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** The callback thread is played by the test. */
class PublishCallbacksTest {
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private final List<String> heard = new ArrayList<>();

  @Test
  void listenerThatThrowsAnError_doesNotSilenceWhatComesBehind() {
    PublishCallbacks settlements = settlements(tasks::add);
    settlements.post(
        () -> {
          throw new AssertionError("of a listener");
        });
    settlements.post(() -> heard.add("behind"));
    runTasks();
    settlements.post(() -> heard.add("later"));
    runTasks();
    assertThat(heard).containsExactly("behind", "later");
  }

  @Test
  void busyPublisher_leavesTheThreadToOthersInBetween() {
    PublishCallbacks busy = settlements(tasks::add);
    postAgain(busy, 1_000);
    settlements(tasks::add).post(() -> heard.add("other"));
    runTasks();
    assertThat(heard).containsExactly("other", "busy");
  }

  @Test
  void closedClient_stillHearsEverythingThatWasPosted() {
    PublishCallbacks settlements =
        settlements(
            task -> {
              if (!heard.isEmpty()) {
                throw new RejectedExecutionException("closed");
              }
              tasks.add(task);
            });
    for (int i = 0; i < 1_000; i++) {
      settlements.post(() -> heard.add("event"));
    }
    runTasks();
    assertThat(heard).hasSize(1_000);
  }

  @Test
  void acksOfASpool_areCountedAndDoNotWaitForUserCodeThatBlocks() {
    PublishCallbacks settlements = settlements(tasks::add);
    Batch frame =
        Batch.newBuilder()
            .addColumns(Columns.newBuilder().setCount(1).addSensorIds(1).addDoubles(1.5))
            .build();
    ReadingBatch piece = EncodedBatchReader.split(frame.toByteArray(), 7, 1, id -> 0, slot -> 0)[0];
    settlements.stored(
        0,
        List.of(new PendingBatch(piece, frame.toByteArray())),
        "c",
        Durability.DURABILITY_SYNCED);
    assertThat(settlements.readingsAcknowledged()).isEqualTo(1);
    assertThat(tasks).isEmpty();
  }

  /** Events that keep coming as fast as they are handled. */
  private void postAgain(PublishCallbacks busy, int left) {
    busy.post(
        () -> {
          if (left == 0) {
            heard.add("busy");
          } else {
            postAgain(busy, left - 1);
          }
        });
  }

  private void runTasks() {
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
  }

  private static PublishCallbacks settlements(Executor callbacks) {
    PublisherOptions options = PublisherOptions.of("t");
    return new PublishCallbacks(
        callbacks, new PublishBuffer(options, () -> 0, () -> {}), ClientMetrics.published("t"));
  }
}
