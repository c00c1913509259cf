package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.RawUpload;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.v1.Batch;
import dev.weir.v1.Durability;
import dev.weir.v1.PartitionSequence;
import dev.weir.v1.UploadReject;
import dev.weir.v1.UploadResponse;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Upload: one answer reports what became of every batch, and where to continue. */
final class UploadContractTest extends ContractTest {
  private static final int READINGS = 3;

  /** The batch of a number in a partition, with values that identify both. */
  private static Batch batch(TestTopic topic, int partition, long number) {
    double first = partition * 1_000.0 + number * READINGS;
    return TestBatches.rows(topic.sensor(partition, 0), first, first + 1, first + 2);
  }

  /** Sends the batches of these numbers to every partition; the numbers are their sequences. */
  private static RawUpload send(TestTopic topic, RawUpload upload, long from, long through) {
    for (long number = from; number <= through; number++) {
      for (int p = 0; p < topic.partitions(); p++) {
        upload.send(number, batch(topic, p, number));
      }
    }
    return upload;
  }

  /** Every partition holds the batches of the numbers from 1 on, once and in order. */
  private static void requireStored(TestTopic topic, long through) {
    for (int p = 0; p < topic.partitions(); p++) {
      double offset = p * 1_000.0;
      assertThat(topic.values(p))
          .isEqualTo(
              LongStream.range(READINGS, READINGS * (through + 1))
                  .mapToObj(value -> offset + value)
                  .toList());
    }
  }

  private static List<Long> lastSequences(TestTopic topic, UploadResponse response) {
    assertThat(response.getLastSequencesList())
        .extracting(PartitionSequence::getPartition)
        .as("each partition once")
        .containsExactlyElementsOf(IntStream.range(0, topic.partitions()).boxed().toList());
    return response.getLastSequencesList().stream()
        .map(PartitionSequence::getLastSequence)
        .distinct()
        .toList();
  }

  @EachSetup
  void batchesWithoutProducer_areAllStored_andTheCursorIsBehindThem(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawUpload upload = new RawUpload(topic, "");
    for (int number = 1; number <= 20; number++) {
      for (int p = 0; p < setup.partitions(); p++) {
        upload.send(0, batch(topic, p, number));
      }
    }
    UploadResponse response = upload.finish();

    long batches = 20L * setup.partitions();
    assertThat(response.getBatches()).isEqualTo(batches);
    assertThat(response.getReadings()).isEqualTo(batches * READINGS);
    assertThat(response.getDuplicates()).isZero();
    assertThat(response.getRejected()).isZero();
    assertThat(response.getDurability()).isEqualTo(Durability.DURABILITY_SYNCED);
    assertThat(response.getLastSequencesList()).as("nobody is remembered").isEmpty();
    requireStored(topic, 20);
    requireResumesBehind(topic, response.getCursor());
  }

  /** Requires that after a cursor comes what is stored from now on, and nothing else. */
  private static void requireResumesBehind(TestTopic topic, String cursor) {
    TopicFiller.one(topic, -7);
    List<DeliveredReading> behind =
        topic.tail(topic.everything().setStart(StartPositions.after(cursor)).build());
    assertThat(TopicFiller.values(behind)).hasSize(topic.partitions()).containsOnly(-7.0);
  }

  @EachSetup
  void repeatedBatches_areCountedAsDuplicates_andStoredOnce(TransportSetup setup) {
    TestTopic topic = topic(setup);
    UploadResponse first = send(topic, new RawUpload(topic, "p"), 1, 10).finish();
    UploadResponse second = send(topic, new RawUpload(topic, "p"), 4, 15).finish();

    assertThat(lastSequences(topic, first)).containsExactly(10L);
    assertThat(second.getDuplicates()).isEqualTo(7L * setup.partitions());
    assertThat(second.getBatches()).isEqualTo(5L * setup.partitions());
    assertThat(second.getReadings()).isEqualTo(5L * READINGS * setup.partitions());
    assertThat(second.getRejected()).isZero();
    assertThat(lastSequences(topic, second)).containsExactly(15L);
    requireStored(topic, 15);
    requireResumesBehind(topic, second.getCursor());
  }

  @EachSetup
  void rejectedBatches_areListedWithTheirRowsAndReasons(TransportSetup setup) {
    TestTopic topic = topic(setup);
    int last = topic.lastPartition();
    RawUpload upload = new RawUpload(topic, "p");
    send(topic, upload, 1, 1);
    long sent = setup.partitions();
    upload.send(2, TestBatches.malformed(topic.sensor(last, 0)));
    upload.send(3, batch(topic, last, 3));
    upload.send(2, batch(topic, last, 2));
    UploadResponse response = upload.finish();

    assertThat(response.getBatches()).isEqualTo(sent + 1);
    assertThat(response.getRejected()).isEqualTo(2);
    UploadReject wrong = response.getRejects(0);
    assertThat(wrong.getIndex()).isEqualTo(sent);
    assertThat(wrong.getSequence()).isEqualTo(2);
    assertThat(wrong.getRowsList()).containsExactly(1);
    assertThat(wrong.getProblem().getReason()).isEqualTo("INVALID_ARGUMENT");
    assertThat(wrong.getProblem().getFieldViolationsList()).isNotEmpty();
    UploadReject behind = response.getRejects(1);
    assertThat(behind.getIndex()).isEqualTo(sent + 1);
    assertThat(behind.getSequence()).isEqualTo(3);
    assertThat(behind.getRowsList()).as("the batch as a whole").isEmpty();
    assertThat(behind.getProblem().getReason()).isEqualTo("OUT_OF_SEQUENCE");
    double offset = last * 1_000.0;
    assertThat(topic.values(last))
        .containsExactly(offset + 3, offset + 4, offset + 5, offset + 6, offset + 7, offset + 8);
  }

  @EachSetup
  void cutUpload_isResumedByTheLastSequence(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawUpload cut = send(topic, new RawUpload(topic, "p"), 1, 30);
    await()
        .atMost(Duration.ofSeconds(15))
        .until(
            () ->
                topic.stored().stream().map(DeliveredReading::partition).distinct().count()
                    == setup.partitions());
    cut.cancel();
    cut.awaitEnd();

    // Sends the first batches again: their answer shows where the producer stands.
    UploadResponse asked = send(topic, new RawUpload(topic, "p"), 1, 1).finish();
    assertThat(asked.getDuplicates()).isEqualTo(asked.getLastSequencesCount());
    RawUpload rest = new RawUpload(topic, "p");
    for (PartitionSequence stands : asked.getLastSequencesList()) {
      int p = stands.getPartition();
      assertThat(stands.getLastSequence()).isBetween(1L, 30L);
      for (long number = stands.getLastSequence() + 1; number <= 40; number++) {
        rest.send(number, batch(topic, p, number));
      }
    }
    UploadResponse response = rest.finish();

    assertThat(response.getDuplicates()).as("it had stored nothing of that").isZero();
    assertThat(response.getRejected()).isZero();
    assertThat(lastSequences(topic, response)).containsExactly(40L);
    requireStored(topic, 40);
  }
}
