package dev.weir.service.core.sequence;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * The durable form of the producers fold, part of a checkpoint, whose checksum covers it: see
 * docs/formats-cursor.md. Stateless.
 */
final class ProducersCodec {
  private static final byte VERSION = 2;
  private static final byte VERSION_WITHOUT_LOG_TIME = 1;

  /**
   * The times of a fold.
   *
   * @param newestNanos of its newest producer, as the log has seen time pass
   * @param log of the log
   */
  record Times(long newestNanos, LogTime log) {}

  private ProducersCodec() {}

  /**
   * Writes a fold.
   *
   * @param producers in stored order
   */
  static byte[] write(long newestNanos, LogTime log, List<StoredProducers.Stored> producers) {
    var bytes = new ByteArrayOutputStream(40 + 48 * producers.size());
    try (var out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeLong(newestNanos);
      out.writeLong(log.logEpoch());
      out.writeLong(log.appendNanos());
      out.writeLong(log.skippedNanos());
      out.writeInt(producers.size());
      for (StoredProducers.Stored producer : producers) {
        byte[] id = producer.id().getBytes(StandardCharsets.UTF_8);
        out.writeShort(id.length);
        out.write(id);
        out.writeLong(producer.entry().epoch());
        out.writeLong(producer.entry().lastSequence());
        out.writeLong(producer.entry().lastAppendNanos());
      }
    } catch (IOException impossible) {
      throw new UncheckedIOException("memory does not fail", impossible);
    }
    return bytes.toByteArray();
  }

  /** Hands out every producer in stored order; returns the fold's times. */
  static Times read(byte[] bytes, BiConsumer<String, ProducerEntry> producer) throws IOException {
    try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      byte version = in.readByte();
      if (version != VERSION && version != VERSION_WITHOUT_LOG_TIME) {
        throw new IOException(
            "the fold of the producers has version "
                + version
                + ", and this Weir knows at most "
                + VERSION
                + ": use the newer Weir that wrote it");
      }
      long newestNanos = in.readLong();
      LogTime log =
          version == VERSION
              ? new LogTime(in.readLong(), in.readLong(), in.readLong())
              : new LogTime(0, newestNanos, 0);
      int count = in.readInt();
      for (int i = 0; i < count; i++) {
        var id = new byte[in.readUnsignedShort()];
        in.readFully(id);
        producer.accept(
            new String(id, StandardCharsets.UTF_8),
            new ProducerEntry(in.readLong(), in.readLong(), in.readLong()));
      }
      if (in.read() >= 0) {
        throw new IOException("the fold of the producers has bytes behind its end");
      }
      return new Times(newestNanos, log);
    }
  }
}
