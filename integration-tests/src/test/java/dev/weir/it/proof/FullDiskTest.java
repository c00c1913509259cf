package dev.weir.it.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weir.it.process.ProcessLimits;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * D6 on a real process: fill, read, free, publish. {@code make disk-full} does it on a file system
 * of 64 MiB too, which needs a user who may mount one.
 */
class FullDiskTest {
  private static final boolean MOUNTED = Boolean.getBoolean("weir.it.disk.mount");
  private static final long SPACE = 12L << 20;

  @TempDir private Path dir;

  @Test
  void smallDisk_refusesPublishersOnly_andItsSpaceIsUsedAgain() throws Exception {
    FullDiskAudit audit = new FullDiskAudit(dir, SPACE / 3, List.of("space=" + SPACE));

    audit.run(() -> {});

    System.out.println("full disk, counted: " + audit);
    assertThat(audit.complaints().list()).isEmpty();
  }

  @Test
  void smallFileSystem_filledByPublishersAndThenBySomebodyElse_isUsedAgain() throws Exception {
    assumeTrue(MOUNTED, "mounts a file system: only with make disk-full");
    Path data = Files.createDirectory(dir.resolve("data"));
    call("mount", "-t", "tmpfs", "-o", "size=64m", "weir-disk-full", data.toString());
    try {
      FullDiskAudit audit = new FullDiskAudit(dir, 16L << 20, List.of());

      audit.run(() -> takeTheRest(data.resolve("somebody-else")));

      System.out.println("full disk, 64 MiB mounted: " + audit);
      assertThat(audit.complaints().list()).isEmpty();
    } finally {
      call("umount", data.toString());
    }
  }

  private static void takeTheRest(Path file) {
    byte[] piece = new byte[1 << 12];
    try (OutputStream out = Files.newOutputStream(file)) {
      while (Files.getFileStore(file).getUsableSpace() > 0) {
        out.write(piece);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void call(String... command) throws IOException, InterruptedException {
    int code = ProcessLimits.exitCode(new ProcessBuilder(command).inheritIO().start());
    assertThat(code).as("%s (needs root)", String.join(" ", command)).isZero();
  }
}
