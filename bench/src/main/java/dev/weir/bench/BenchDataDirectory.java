package dev.weir.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The directory of a run's data, which lasts as long as the run. Owned by the runner's thread. */
public final class BenchDataDirectory {
  private final Path path;

  /** Names the directory, which is not made yet. */
  public BenchDataDirectory(Path path) {
    this.path = path;
  }

  /**
   * Refuses a directory that already holds something, because it will be deleted.
   *
   * @throws BenchFailure if so
   */
  public void requireAbsent() throws BenchFailure {
    if (Files.exists(path)) {
      throw new BenchFailure(path + " exists; remove it, or name another directory with --data");
    }
  }

  /** Deletes everything. */
  public void delete() throws BenchFailure {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> files = Files.walk(path)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new BenchFailure(path + " cannot be deleted", e);
    }
  }
}
