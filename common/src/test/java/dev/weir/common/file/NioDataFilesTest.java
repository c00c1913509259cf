package dev.weir.common.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.Closeable;
import java.io.IOException;
import java.io.SyncFailedException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the files of the operating system for the promises that logs and spools rely on. */
final class NioDataFilesTest {
  private static final int FREE = 0;
  private static final int TAKEN = 3;

  private final NioDataFiles files = new NioDataFiles();
  @TempDir private Path dir;

  /** Another process that tries to take a lock file. */
  static final class OtherProcess {
    private OtherProcess() {}

    public static void main(String[] args) throws IOException {
      try (FileChannel channel = FileChannel.open(Path.of(args[0]), StandardOpenOption.WRITE);
          FileLock lock = channel.tryLock()) {
        System.exit(lock == null ? TAKEN : FREE);
      }
    }
  }

  private static int triedByAnotherProcess(Path lock) throws IOException, InterruptedException {
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                OtherProcess.class.getName(),
                lock.toString())
            .inheritIO()
            .start();
    assertThat(other.waitFor(30, TimeUnit.SECONDS)).as("the other process ends").isTrue();
    return other.exitValue();
  }

  @Test
  void secondAttemptInTheSameProcess_doesNotGiveTheLockUp() throws Exception {
    Path lock = dir.resolve("lock");
    Path link = Files.createSymbolicLink(dir.resolve("link"), dir);
    Closeable held = files.lock(lock);
    assertThat(held).isNotNull();

    assertThat(files.lock(lock)).isNull();
    assertThat(new NioDataFiles().lock(link.resolve("lock"))).isNull();

    assertThat(triedByAnotherProcess(lock)).as("another process").isEqualTo(TAKEN);
    held.close();
    assertThat(triedByAnotherProcess(lock)).as("once it is given back").isEqualTo(FREE);
  }

  @Test
  void lockClosedTwice_isNotTakenFromItsNextHolder() throws IOException {
    Path lock = dir.resolve("lock");
    Closeable first = files.lock(lock);
    first.close();
    try (Closeable second = files.lock(lock)) {
      assertThat(second).isNotNull();
      first.close();
      assertThat(files.lock(lock)).isNull();
    }
    try (Closeable third = files.lock(lock)) {
      assertThat(third).isNotNull();
    }
  }

  @Test
  void lockWhoseFileCannotBeClosed_canBeTakenAgain() throws IOException {
    Path lock = dir.toRealPath().resolve("lock");
    Object holder = new Object();
    NioDataFiles.HELD.put(lock, holder);
    Closeable held =
        new NioDataFiles.HeldLock(
            lock,
            holder,
            () -> {
              throw new IOException("the disk fails");
            });
    assertThatThrownBy(held::close).hasMessage("the disk fails");
    try (Closeable again = files.lock(lock)) {
      assertThat(again).isNotNull();
    }
  }

  @Test
  void directoryWhoseMakerWasKilled_isMadeDurable() throws IOException {
    Path made = Files.createDirectory(dir.resolve("made"));
    List<Path> synced = new ArrayList<>();
    NioDataFiles.create(made, synced::add);
    assertThat(synced).containsExactly(dir);
  }

  @Test
  void missingDirectories_areMadeAndSyncedFromAbove() throws IOException {
    Path below = dir.resolve("a").resolve("b");
    List<Path> synced = new ArrayList<>();
    NioDataFiles.create(below, synced::add);
    assertThat(below).isDirectory();
    assertThat(synced).endsWith(dir, dir.resolve("a"));
  }

  @Test
  void listThatFailsOnTheWay_failsLikeAnyOtherAccess() {
    IOException failed = new IOException("the disk fails");
    Stream<Path> paths =
        Stream.of(dir)
            .peek(
                path -> {
                  throw new UncheckedIOException(failed);
                });
    assertThatThrownBy(() -> NioDataFiles.names(paths)).isSameAs(failed);
  }

  @Test
  void missingFile_isNotMadeByReadingIt() {
    Path missing = dir.resolve("missing");
    assertThatThrownBy(() -> files.openForReading(missing)).isInstanceOf(NoSuchFileException.class);
    assertThat(missing).doesNotExist();
  }

  @Test
  void listOfAMissingDirectory_isEmpty() throws IOException {
    assertThat(files.list(dir.resolve("missing"))).isEmpty();
  }

  @Test
  void directoryThatCannotBeSynced_saysThatTheSyncFailed() {
    Path unsyncable = Path.of("/proc/self");
    assumeThat(unsyncable).isDirectory();
    assertThatThrownBy(() -> files.syncDirectory(unsyncable))
        .isInstanceOf(SyncFailedException.class);
  }

  @Test
  void directoryThatCannotBeOpened_isNotTakenForAFailedSync() {
    assertThatThrownBy(() -> files.syncDirectory(dir.resolve("missing")))
        .isInstanceOf(TooManyFilesException.class);
  }
}
