package dev.weir.service.log.segment.file;

import java.util.zip.CRC32C;

/**
 * A partition's secret number, mixed into its record headers' checksums. Immutable.
 *
 * <p>Without it, a publisher could put bytes that look like a record into a batch, and recovery
 * would take them for one when it searches behind damage; so would a segment file that somebody
 * stored as a reading.
 *
 * @param value 64 random bits
 */
public record ChecksumSalt(long value) {
  int seal(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      crc.update((int) (value >>> shift));
    }
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }
}
