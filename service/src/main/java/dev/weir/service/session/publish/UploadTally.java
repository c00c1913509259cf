package dev.weir.service.session.publish;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.PartitionResult;
import dev.weir.service.session.ProblemMessages;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.PartitionSequence;
import dev.weir.v1.UploadReject;
import dev.weir.v1.UploadResponse;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The counts of an upload's batches so far. Owned by the event loop. */
@OwnedBy("event loop")
final class UploadTally {
  private static final int REJECTS_MAX = 100;

  private final Map<Integer, Long> lastSequences = new TreeMap<>();
  private final TreeMap<Long, UploadReject> rejects = new TreeMap<>();
  private long batches;
  private long readings;
  private long duplicates;
  private long rejected;

  /** A batch is stored, or was before. */
  void stored(int partition, long sequence, PartitionResult.Stored stored) {
    if (stored.duplicate()) {
      duplicates++;
    } else {
      batches++;
      readings += stored.readings();
    }
    got(partition, sequence);
  }

  /** A batch is not stored. */
  void rejected(long index, long sequence, Fault fault, List<Integer> rows) {
    add(reject(index, sequence, fault).addAllRows(rows));
  }

  /** Answers a batch whose outcome is unknown. */
  void unknown(long index, long sequence, Fault fault) {
    add(reject(index, sequence, fault).setOutcomeUnknown(true));
  }

  private static UploadReject.Builder reject(long index, long sequence, Fault fault) {
    return UploadReject.newBuilder()
        .setIndex(index)
        .setSequence(sequence)
        .setProblem(ProblemMessages.of(fault));
  }

  private void add(UploadReject.Builder reject) {
    rejected++;
    rejects.put(reject.getIndex(), reject.build());
    if (rejects.size() > REJECTS_MAX) {
      rejects.pollLastEntry(); // answers of several partitions come out of order
    }
  }

  /** A partition got a batch, and its producer stands at a sequence or behind. */
  void got(int partition, long sequence) {
    lastSequences.merge(partition, sequence, Math::max);
  }

  /** The partitions that got a batch, in order. */
  List<Integer> partitions() {
    return List.copyOf(lastSequences.keySet());
  }

  /** The answer, once everything is settled. */
  UploadResponse response(ServedTopic topic, boolean sequenced) {
    UploadResponse.Builder response =
        UploadResponse.newBuilder()
            .setBatches(batches)
            .setReadings(readings)
            .setDuplicates(duplicates)
            .setRejected(rejected)
            .addAllRejects(rejects.values())
            .setDurability(topic.info().durability());
    if (batches + duplicates > 0) {
      response.setCursor(topic.headCursor().text());
    }
    if (sequenced) {
      lastSequences.forEach(
          (partition, last) ->
              response.addLastSequences(
                  PartitionSequence.newBuilder().setPartition(partition).setLastSequence(last)));
    }
    return response.build();
  }
}
