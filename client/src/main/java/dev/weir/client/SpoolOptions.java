package dev.weir.client;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * The settings of a spool, in which a {@link Publisher} keeps its identity, and its readings until
 * the server has them, on disk: see docs/limits-client.md. Immutable.
 *
 * <p>With a spool {@code publish} needs no server. What was accepted (the future of {@code publish}
 * completes then) survives this process, and is stored exactly once and in order, whatever is
 * killed or restarted: the next publisher on the same directory continues the same numbers. A
 * directory belongs to one producer of one topic, and to one open publisher at a time. It must be
 * on a local file system that keeps what it has synced.
 */
public final class SpoolOptions {
  private final Path directory;
  private final long bytesMax;
  private final SpoolFull whenFull;
  private final Duration syncEvery;

  /** The defaults for a directory, which is made where it is missing. */
  public static SpoolOptions of(Path directory) {
    return builder(directory).build();
  }

  /** Begins the options of a spool in this directory. */
  public static Builder builder(Path directory) {
    return new Builder(directory);
  }

  private SpoolOptions(Builder builder) {
    this.directory = builder.directory;
    this.bytesMax = builder.bytesMax;
    this.whenFull = builder.whenFull;
    this.syncEvery = builder.syncEvery;
  }

  /** Its directory. */
  public Path directory() {
    return directory;
  }

  /** Returns the most bytes of readings on disk. */
  public long bytesMax() {
    return bytesMax;
  }

  /** Returns what happens when there is no room. */
  public SpoolFull whenFull() {
    return whenFull;
  }

  /** Returns how long readings may wait for their sync; zero: none waits. */
  public Duration syncEvery() {
    return syncEvery;
  }

  /** Collects the options of a spool. Owned by the caller; not thread-safe. */
  public static final class Builder {
    private final Path directory;
    private long bytesMax = 256L * 1024 * 1024;
    private SpoolFull whenFull = SpoolFull.REFUSE;
    private Duration syncEvery = Duration.ZERO;

    private Builder(Path directory) {
      this.directory = Objects.requireNonNull(directory, "directory");
    }

    /**
     * Sets the most bytes on disk, 16 batches ({@code batchBytesMax}) to 1 TiB; default 256 MiB.
     */
    public Builder bytesMax(long bytesMax) {
      this.bytesMax = OptionChecks.within("spool bytesMax", bytesMax, 16_384, 1L << 40);
      return this;
    }

    /** Sets what happens when there is no room; default REFUSE. */
    public Builder whenFull(SpoolFull whenFull) {
      this.whenFull = Objects.requireNonNull(whenFull, "whenFull");
      return this;
    }

    /**
     * Sets how long readings may wait for their sync, 0 to 10 s; default 0: each write is synced,
     * many batches together where they come fast. Readings are accepted, and sent, only once they
     * are synced: waiting delays them and spares the disk.
     */
    public Builder syncEvery(Duration syncEvery) {
      this.syncEvery =
          OptionChecks.within("spool syncEvery", syncEvery, Duration.ZERO, Duration.ofSeconds(10));
      return this;
    }

    /** Returns the options. */
    public SpoolOptions build() {
      return new SpoolOptions(this);
    }
  }
}
