package dev.weir.client.internal.batch;

import dev.weir.client.PublisherOptions;
import dev.weir.v1.PublishLimits;

/**
 * The most that one batch may hold. Immutable.
 *
 * @param readingsMax readings
 * @param bytesMax bytes on the wire
 */
public record BatchBounds(int readingsMax, int bytesMax) {
  /** No bounds. */
  public static final BatchBounds NONE = new BatchBounds(Integer.MAX_VALUE, Integer.MAX_VALUE);

  /** Returns the bounds that a publisher asks for, before a server was asked. */
  public static BatchBounds of(PublisherOptions options) {
    return new BatchBounds(options.batchReadingsMax(), options.batchBytesMax());
  }

  /** Returns the bounds that a server permits. */
  public static BatchBounds of(PublishLimits limits) {
    return new BatchBounds(bound(limits.getBatchReadingsMax()), bound(limits.getMessageBytesMax()));
  }

  /** Returns a server's limit, or the greatest int where the server sends none. */
  private static int bound(int limit) {
    return limit <= 0 ? Integer.MAX_VALUE : limit;
  }

  /** The smaller of both. */
  public BatchBounds within(BatchBounds other) {
    return new BatchBounds(
        Math.min(readingsMax, other.readingsMax), Math.min(bytesMax, other.bytesMax));
  }
}
