package dev.weir.service.log.segment;

import dev.weir.service.core.Slice;
import java.util.zip.CRC32C;

/** CRC32C of the durable formats. Without state. */
final class Checksum {
  private Checksum() {}

  /** Of some bytes and of a slice behind them. */
  static int of(byte[] bytes, int from, int length, Slice behind) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    crc.update(behind.array(), behind.offset(), behind.length());
    return (int) crc.getValue();
  }

  static int of(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }
}
