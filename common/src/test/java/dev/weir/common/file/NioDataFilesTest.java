package dev.weir.common.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lock of a data directory holds between processes, whatever its own process does. */
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
}
