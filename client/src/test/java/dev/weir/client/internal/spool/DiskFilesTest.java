package dev.weir.client.internal.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the files of the operating system for the promises that a spool relies on. */
final class DiskFilesTest {
  @TempDir private Path dir;

  @Test
  void directoryWhoseMakerWasKilled_isMadeDurable() throws IOException {
    Path made = Files.createDirectory(dir.resolve("made"));
    List<Path> synced = new ArrayList<>();
    DiskFiles.create(made, synced::add);
    assertThat(synced).containsExactly(dir);
  }

  @Test
  void missingDirectories_areMadeAndSyncedFromAbove() throws IOException {
    Path below = dir.resolve("a").resolve("b");
    List<Path> synced = new ArrayList<>();
    DiskFiles.create(below, synced::add);
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
    assertThatThrownBy(() -> DiskFiles.names(paths)).isSameAs(failed);
  }

  @Test
  void missingFile_isNotMadeByReadingIt() {
    Path missing = dir.resolve("missing");
    assertThatThrownBy(() -> new DiskFiles().openForReading(missing))
        .isInstanceOf(NoSuchFileException.class);
    assertThat(missing).doesNotExist();
  }
}
