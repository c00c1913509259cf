package dev.weir.service.app.connection;

import dev.weir.common.OwnedBy;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Bounds how long an event loop works for one connection before others have their turns: by time,
 * as 64 KiB of requests may be a thousand calls and 64 KiB of a batch are nothing. The more
 * connections had a turn in the loop's last pass, the shorter are their turns. What is left waits
 * in the socket, and slows its sender down; of a peer that has shut down its side, epoll reads all
 * at once. Thread-safe; the handles are their loops'.
 */
@SuppressWarnings("deprecation") // of a handle without more, which the interface still makes
public final class FairReadAllocator implements RecvByteBufAllocator {
  /** So many bytes are read at once at least, however long they take: a short request or two. */
  static final int LEAST_BYTES = 1 << 6;

  /** And so many at most. */
  static final int MOST_BYTES = 1 << 16;

  private static final int FIRST_BYTES = 1 << 11;

  /** As the library does without a bound of time. */
  private static final int READS_MAX = 16;

  private final RecvByteBufAllocator sizes =
      new AdaptiveRecvByteBufAllocator(LEAST_BYTES, FIRST_BYTES, MOST_BYTES)
          .maxMessagesPerRead(READS_MAX);
  private final LongSupplier cpuNanos;

  /**
   * Turns by a clock.
   *
   * @param cpuNanos the processor time of the thread that asks: where others have the processor, no
   *     connection is the slower for it
   */
  public FairReadAllocator(LongSupplier cpuNanos) {
    this.cpuNanos = cpuNanos;
  }

  @Override
  public Handle newHandle() {
    return new Turns((ExtendedHandle) sizes.newHandle());
  }

  /** The turns of one connection. */
  @OwnedBy("event loop")
  private final class Turns extends DelegatingHandle implements ExtendedHandle {
    private final ExtendedHandle sizes;
    private int bytesMax = MOST_BYTES;
    private long turnNanos; // its length
    private long turnBegan; // by the clock, as the next
    private long readAt; // when the bytes came that were read last

    Turns(ExtendedHandle sizes) {
      super(sizes);
      this.sizes = sizes;
    }

    @Override
    public void reset(ChannelConfig config) {
      super.reset(config);
      turnNanos = ReadPass.current().turnNanos();
      turnBegan = cpuNanos.getAsLong();
    }

    @Override
    public int guess() {
      return Math.min(super.guess(), bytesMax);
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
      return allocator.ioBuffer(guess());
    }

    @Override
    public void lastBytesRead(int bytes) {
      super.lastBytesRead(bytes);
      readAt = cpuNanos.getAsLong();
    }

    @Override
    public boolean continueReading() {
      return isInTime() && super.continueReading();
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier more) {
      return isInTime() && sizes.continueReading(more);
    }

    /** Asked when what was read last is handled: the next read is as large as fits in a turn. */
    private boolean isInTime() {
      long now = cpuNanos.getAsLong();
      long took = now - readAt;
      long fits = took > turnNanos ? lastBytesRead() * turnNanos / took : 2L * bytesMax;
      bytesMax = (int) Math.max(LEAST_BYTES, Math.min(MOST_BYTES, fits));
      return now - turnBegan < turnNanos;
    }
  }
}
