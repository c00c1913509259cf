package dev.weir.service.log.segment.file;

import java.nio.file.Path;

/**
 * One segment file. Immutable.
 *
 * @param firstOffset offset of its first record, which is also its name
 * @param path where it is
 */
public record Segment(long firstOffset, Path path) {
  /** The file and bytes, for the operator. */
  public String detail(long fromByte, long toByte) {
    return path + " bytes " + fromByte + " to " + toByte;
  }
}
