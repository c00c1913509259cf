package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.v1.Batch;
import dev.weir.v1.Reading;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Checkpoints of a partition whose state is too large for one for a while. */
class CheckpointRetryTest extends PartitionFixture {
  private static final int INTERVAL_BYTES = 1 << 20;

  private TestProducerSession publisher;
  private int sent;

  @BeforeEach
  void open() {
    with(Limit.CHECKPOINT_INTERVAL_BYTES, INTERVAL_BYTES);
    publisher = opened("a", 1);
  }

  /** Stores as many bytes as an interval has. */
  private void grow() {
    Reading.Builder text = Reading.newBuilder().setSensor("s").setText("x".repeat(INTERVAL_BYTES));
    Batch batch = Batch.newBuilder().addRows(text).build();
    publisher.append(++sent, batch);
    world.run();
    assertThat(publisher.last()).isInstanceOf(PartitionResult.Stored.class);
  }

  @Test
  void stateThatIsTooLarge_isTriedAgainAsTheLogGrows_moreAndMoreSeldom() {
    log.checkpointsTooLarge();
    List<Integer> triedAt = new ArrayList<>();
    while (sent < 50) {
      int before = log.tooLargeCheckpoints();
      grow();
      partition.requestCheckpoint();
      world.topics().retain();
      world.run();
      if (log.tooLargeCheckpoints() > before) {
        triedAt.add(sent);
      }
    }
    assertThat(triedAt).containsExactly(1, 2, 4, 8, 16, 32, 48);
    assertThat(world.topics().registry().allCheckpointed()).isFalse();
  }

  @Test
  void stateThatFitsAgain_isWrittenAndTold() {
    log.checkpointsTooLarge();
    grow();
    assertThat(world.topics().registry().allCheckpointed()).isFalse();
    log.checkpointsFit();
    int before = log.checkpoints();
    grow();
    assertThat(log.checkpoints()).isEqualTo(before + 1);
    assertThat(log.checkpoint().orElseThrow().offset()).isEqualTo(log.endOffset());
    assertThat(world.topics().registry().allCheckpointed()).isTrue();
    grow();
    assertThat(log.checkpoints()).as("as often as ever").isEqualTo(before + 2);
  }

  @Test
  void stateThatWasTooLarge_isTriedAtTheStop_whereRecordsCameSince() {
    log.checkpointsTooLarge();
    grow();
    assertThat(log.tooLargeCheckpoints()).isEqualTo(1);
    publisher.append(++sent, "other", 1);
    world.run();
    assertThat(log.tooLargeCheckpoints()).isEqualTo(1);
    log.checkpointsFit();
    partition.close();
    world.run();
    assertThat(log.isClosed()).isTrue();
    assertThat(log.checkpoint().orElseThrow().offset()).isEqualTo(log.endOffset());
  }
}
