package dev.weir.it.contract.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Does to the files of a stopped server what disks and operators do. Stateless. */
public final class DataFileDamage {
  private DataFileDamage() {}

  /** Copies a directory tree to a place that is not there yet. */
  public static Path copy(Path from, Path to) throws IOException {
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : paths.toList()) {
        Files.copy(path, to.resolve(from.relativize(path)), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
    return to;
  }

  /** Makes a directory tree what another is. */
  public static void replace(Path directory, Path with) throws IOException {
    delete(directory);
    copy(with, directory);
  }

  /** Deletes a directory tree. */
  public static void delete(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /** The segments of a partition of the only topic, in order. */
  public static List<Path> segments(Path dataDir, int partition) throws IOException {
    String parent = Integer.toString(partition);
    try (Stream<Path> paths = Files.walk(dataDir.resolve("topics"))) {
      return paths
          .filter(path -> path.toString().endsWith(".log"))
          .filter(path -> path.getParent().endsWith(parent))
          .sorted()
          .toList();
    }
  }

  /** The directory of a partition of the only topic. */
  public static Path partition(Path dataDir, int partition) throws IOException {
    return segments(dataDir, partition).get(0).getParent();
  }

  /** Deletes the first segments of the only topic's first partition, as retention would. */
  public static void deleteSegments(Path dataDir, int count) throws IOException {
    List<Path> segments = segments(dataDir, 0);
    if (segments.size() < count + 2) {
      throw new IllegalStateException("too few segments: " + segments);
    }
    for (Path segment : segments.subList(0, count)) {
      Files.delete(segment);
    }
  }

  /** Changes one byte that holds part of a value. */
  public static void flip(Path segment, byte[] around) throws IOException {
    byte[] bytes = Files.readAllBytes(segment);
    bytes[indexOf(bytes, around)] ^= 1;
    Files.write(segment, bytes);
  }

  private static int indexOf(byte[] bytes, byte[] wanted) {
    for (int at = 0; at <= bytes.length - wanted.length; at++) {
      int same = 0;
      while (same < wanted.length && bytes[at + same] == wanted[same]) {
        same++;
      }
      if (same == wanted.length) {
        return at;
      }
    }
    throw new IllegalStateException("the segment does not hold the value");
  }
}
