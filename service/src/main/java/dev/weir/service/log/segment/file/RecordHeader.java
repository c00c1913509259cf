package dev.weir.service.log.segment.file;

import dev.weir.common.file.Checksum;
import dev.weir.service.core.Slice;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.RecordType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** The fixed part of a record on disk, as {@code docs/formats.md} lists it. Immutable. */
public final class RecordHeader {
  public static final int BYTES = 128;
  public static final int MAGIC = 0x4352_5257; // "WRRC" in the file
  static final byte FORMAT_VERSION = 1;
  private static final int SEALED_FROM = 8;

  final RecordType type;
  public final int introChecksum;
  public final int batchChecksum;
  final int producerBytes;
  final int definitionsBytes;
  public final int batchBytes;
  final int readings;
  public final long offset;
  public final long epoch;
  public final long appendTimeNanos;
  public final long readingsBefore;
  public final long syncedOffset;
  public final long syncedReadings;
  public final long seenNanos;
  private final long producerEpoch;
  private final long sequence;
  private final long eventTimeMinNanos;
  private final long eventTimeMaxNanos;

  private RecordHeader(ByteBuffer from, int at, RecordType type) {
    this.type = type;
    introChecksum = from.getInt(at + 12);
    batchChecksum = from.getInt(at + 16);
    producerBytes = from.getInt(at + 20);
    definitionsBytes = from.getInt(at + 24);
    batchBytes = from.getInt(at + 28);
    readings = from.getInt(at + 32);
    offset = from.getLong(at + 40);
    epoch = from.getLong(at + 48);
    appendTimeNanos = from.getLong(at + 56);
    producerEpoch = from.getLong(at + 64);
    sequence = from.getLong(at + 72);
    readingsBefore = from.getLong(at + 80);
    eventTimeMinNanos = from.getLong(at + 88);
    eventTimeMaxNanos = from.getLong(at + 96);
    syncedOffset = from.getLong(at + 104);
    syncedReadings = from.getLong(at + 112);
    seenNanos = from.getLong(at + 120);
  }

  /**
   * Reads a header.
   *
   * @param array the bytes behind {@code from}, from index 0
   * @return null where there is none with this salt
   * @throws IOException if a newer Weir wrote it
   */
  public static RecordHeader parse(byte[] array, ByteBuffer from, int at, ChecksumSalt salt)
      throws IOException {
    if (from.getInt(at) != MAGIC
        || from.getInt(at + 4) != salt.seal(array, at + SEALED_FROM, BYTES - SEALED_FROM)) {
      return null;
    }
    RecordType type = RecordType.ofCode(array[at + 9]);
    int flags = from.getShort(at + 10);
    if (array[at + 8] != FORMAT_VERSION || type == null || flags != 0) {
      throw new IOException(
          "a record has format version "
              + array[at + 8]
              + ", type "
              + array[at + 9]
              + " and flags "
              + flags
              + ", which this Weir does not know: use the newer Weir that wrote it");
    }
    return new RecordHeader(from, at, type);
  }

  /**
   * Encodes a record's header.
   *
   * @param synced what is known to be synced now
   * @param seenNanos of the first record of a claim: how long servers were there since the record
   *     before it, at least; 0 for others
   */
  public static byte[] encode(
      LogRecord record, byte[] producer, CommittedState synced, long seenNanos, ChecksumSalt salt) {
    byte[] header = new byte[BYTES];
    Slice definitions = record.definitions();
    Slice batch = record.batch();
    ByteBuffer to = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
    to.putInt(0, MAGIC).put(8, FORMAT_VERSION).put(9, (byte) record.type().code());
    to.putInt(12, introChecksum(producer, definitions));
    to.putInt(16, Checksum.of(batch.array(), batch.offset(), batch.length()));
    to.putInt(20, producer.length).putInt(24, definitions.length()).putInt(28, batch.length());
    to.putInt(32, record.readings()).putLong(40, record.offset()).putLong(48, record.epoch());
    to.putLong(56, record.appendTimeNanos()).putLong(64, record.producerEpoch());
    to.putLong(72, record.sequence()).putLong(80, record.readingsBefore());
    to.putLong(88, record.eventTimeMinNanos()).putLong(96, record.eventTimeMaxNanos());
    to.putLong(104, synced.endOffset()).putLong(112, synced.endReadings());
    to.putLong(120, seenNanos);
    to.putInt(4, salt.seal(header, SEALED_FROM, BYTES - SEALED_FROM));
    return header;
  }

  private static int introChecksum(byte[] producer, Slice definitions) {
    CRC32C crc = new CRC32C();
    crc.update(producer, 0, producer.length);
    crc.update(definitions.array(), definitions.offset(), definitions.length());
    return (int) crc.getValue();
  }

  /** Bytes of producer and definitions, which follow the header. */
  public int introBytes() {
    return producerBytes + definitionsBytes;
  }

  /** Bytes of what follows the header, with the batch or without. */
  public int bodyBytes(boolean withBatch) {
    return withBatch ? introBytes() + batchBytes : introBytes();
  }

  /** Bytes of the whole record. */
  public long recordBytes() {
    return (long) BYTES + producerBytes + definitionsBytes + batchBytes;
  }

  public long readingsAfter() {
    return readingsBefore + readings;
  }

  /**
   * Makes the record.
   *
   * @param body producer, definitions and perhaps the batch; kept
   */
  public LogRecord record(byte[] body) {
    return new LogRecord(
        offset,
        epoch,
        appendTimeNanos,
        type,
        new String(body, 0, producerBytes, StandardCharsets.UTF_8),
        producerEpoch,
        sequence,
        readingsBefore,
        readings,
        eventTimeMinNanos,
        eventTimeMaxNanos,
        definitionsBytes == 0 ? Slice.EMPTY : new Slice(body, producerBytes, definitionsBytes),
        body.length == introBytes()
            ? Slice.EMPTY
            : new Slice(body, introBytes(), body.length - introBytes()));
  }
}
