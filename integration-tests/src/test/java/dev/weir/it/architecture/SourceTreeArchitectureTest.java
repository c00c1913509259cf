package dev.weir.it.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Keeps the folder listing readable: one meaning for each name, folders that name the parts. */
final class SourceTreeArchitectureTest {
  private static final Path ROOT = Path.of("..");
  private static final int CLASSES_MAX = 28;
  private static final int CLASSES_OF_THE_API_MAX = 45;

  @Test
  void simpleName_isUsedOnceInAllMainCode() throws IOException {
    assertThat(
            grouped(file -> file.getFileName().toString()).entrySet().stream()
                .filter(name -> name.getValue().size() > 1))
        .as("a name that occurs twice has two meanings; name one of them by what it does here")
        .isEmpty();
  }

  @Test
  void folder_holdsNoMoreClassesThanANewcomerReads() throws IOException {
    assertThat(
            grouped(Path::getParent).entrySet().stream()
                .filter(
                    folder ->
                        folder.getValue().size()
                            > (folder.getKey().endsWith("dev/weir/client")
                                ? CLASSES_OF_THE_API_MAX
                                : CLASSES_MAX))
                .map(Map.Entry::getKey))
        .as("split it by what its classes do, so that the listing names the parts")
        .isEmpty();
  }

  /** A dependency that only exists at run time would pass every rule about classes. */
  @Test
  void faultInjection_isOnTheClassPathOfIntegrationTestsOnly() throws IOException {
    List<String> users = new ArrayList<>();
    try (Stream<Path> top = Files.list(ROOT)) {
      for (Path module : top.toList()) {
        Path pom = module.resolve("pom.xml");
        if (Files.exists(pom)
            && Files.readString(pom).contains("<artifactId>weir-fault-injection</artifactId>")) {
          users.add(module.getFileName().toString());
        }
      }
    }
    assertThat(users)
        .as("what users run must not be able to break its promises on purpose")
        .containsExactlyInAnyOrder("fault-injection", "integration-tests");
  }

  private static <K extends Comparable<? super K>> Map<K, List<Path>> grouped(Function<Path, K> by)
      throws IOException {
    List<Path> classes = new ArrayList<>();
    try (Stream<Path> top = Files.list(ROOT)) {
      for (Path module : top.toList()) {
        Path sources = module.resolve("src/main/java");
        if (Files.isDirectory(sources)) {
          try (Stream<Path> all = Files.walk(sources)) {
            all.filter(file -> file.toString().endsWith(".java"))
                .filter(file -> !file.endsWith("package-info.java"))
                .forEach(classes::add);
          }
        }
      }
    }
    assertThat(classes).as("main classes found").hasSizeGreaterThan(400);
    return classes.stream().collect(Collectors.groupingBy(by, TreeMap::new, Collectors.toList()));
  }
}
