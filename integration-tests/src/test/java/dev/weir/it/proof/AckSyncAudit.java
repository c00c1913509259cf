package dev.weir.it.proof;

import dev.weir.common.file.NioDataFiles;
import dev.weir.service.log.InspectedItem;
import dev.weir.service.log.InspectedPartition;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.RecordType;
import dev.weir.service.log.segment.SegmentEngine;
import dev.weir.v1.PublishStreamResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Holds every ack that a traced server wrote to a connection against the syncs before it: each
 * batch that an ack names must have been durable, in the file where the stopped server left it,
 * before the write of the ack began. Owned by the audit.
 */
final class AckSyncAudit implements StraceFile.Reader {
  /** One producer in one partition. */
  private record Key(String producer, int partition) {}

  private final AuditFindings complaints;
  private final DurabilityRecord book = new DurabilityRecord();
  private final Map<Key, TreeMap<Long, DurabilityRecord.Claim>> batches = new HashMap<>();
  private final Map<Key, Long> checked = new HashMap<>();
  private final Map<String, AckStream> connections = new HashMap<>();
  private final Map<String, String> producers = new HashMap<>();
  private long acks;
  private long named;

  /** Learns from the stopped server's directory where each batch is. */
  AckSyncAudit(Path dataDir, AuditFindings complaints) throws IOException {
    this.complaints = complaints;
    for (InspectedPartition partition : SegmentEngine.inspect(dataDir, new NioDataFiles())) {
      partition.forEach(item -> learn(partition.id().partition(), item));
    }
  }

  private void learn(int partition, InspectedItem item) {
    if (item instanceof InspectedItem.Stored stored) {
      LogRecord record = stored.record();
      RecordLocation place = RecordLocation.of(stored.place());
      if (record.type() == RecordType.BATCH) {
        batches
            .computeIfAbsent(new Key(record.producer(), partition), missing -> new TreeMap<>())
            .put(record.sequence(), book.claim(place));
      }
    }
  }

  DurabilityRecord book() {
    return book;
  }

  @Override
  public void onEntered(SystemCall call) {
    book.onEntered(call);
  }

  @Override
  public void onLeft(SystemCall call) {
    book.onLeft(call);
    if (call.result() > 0 && call.target().startsWith("socket:")) {
      byte[] all = call.bytes();
      byte[] written = new byte[(int) Math.min(call.result(), all.length)];
      System.arraycopy(all, 0, written, 0, written.length);
      connections
          .computeIfAbsent(call.target(), missing -> new AckStream())
          .onBytes(written)
          .forEach(said -> take(call, said));
    }
  }

  private void take(SystemCall call, AckStream.Said said) {
    String stream = call.target() + "/" + said.stream();
    PublishStreamResponse message = said.message();
    if (message.hasOpened()) {
      String producer = message.getOpened().getProducer();
      producers.put(stream, producer);
      message
          .getOpened()
          .getLastSequencesList()
          .forEach(
              last -> checked.put(new Key(producer, last.getPartition()), last.getLastSequence()));
    } else if (message.hasAck() && producers.containsKey(stream)) {
      acks++;
      Key key = new Key(producers.get(stream), message.getAck().getPartition());
      long from = checked.getOrDefault(key, 0L) + 1;
      long through = message.getAck().getThroughSequence();
      for (long sequence = from; sequence <= through; sequence++) {
        check(call, key, sequence);
      }
      checked.merge(key, through, Math::max);
    }
  }

  private void check(SystemCall call, Key key, long sequence) {
    DurabilityRecord.Claim claim = batches.getOrDefault(key, new TreeMap<>()).get(sequence);
    if (claim == null) {
      complaints.add(
          "line %s: acknowledged and not there: sequence %s of %s", call.entered(), sequence, key);
      return;
    }
    named++;
    complaints.unless(
        claim.durableAt() < call.entered(),
        "line %s: acknowledged before it was synced (line %s): sequence %s of %s",
        call.entered(),
        claim.durableAt() == Long.MAX_VALUE ? "never" : claim.durableAt(),
        sequence,
        key);
  }

  /** Acks seen. */
  long acks() {
    return acks;
  }

  /** Batches that these named. */
  long batches() {
    return named;
  }
}
