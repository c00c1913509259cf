package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The class path of the program, which is that of these tests: {@code cli/target/lib} has the same
 * jars, each as it is, so that the lists of providers in them stay as they are too.
 */
final class ProgramClassPathTest {
  private static final String SERVICES = "META-INF/services/";
  private static final String FAULT_SEAM = "dev/weir/service/app/fault/";

  /** The files of the production modules, relative to their folder of classes or their jar. */
  private static List<String> files() throws IOException {
    List<String> files = new ArrayList<>();
    StringTokenizer entries =
        new StringTokenizer(System.getProperty("java.class.path"), File.pathSeparator);
    while (entries.hasMoreTokens()) {
      Path path = Path.of(entries.nextToken());
      if (Files.isDirectory(path) && !path.endsWith("test-classes")) {
        list(path, files);
      } else if (path.getFileName().toString().matches("weir-.*\\.jar")) {
        try (FileSystem jar = FileSystems.newFileSystem(path)) {
          list(jar.getPath("/"), files);
        }
      }
    }
    return files;
  }

  private static void list(Path root, List<String> to) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      all.filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString().replace(File.separatorChar, '/'))
          .forEach(to::add);
    }
  }

  @Test
  void program_hasNoFaultThatCouldBeInjected() throws IOException {
    List<String> files = files();

    assertThat(files).contains("dev/weir/service/app/WeirServer.class");
    assertThat(files)
        .as("classes of the module fault-injection, which only audits have")
        .noneMatch(file -> file.startsWith("dev/weir/faultinjection/"))
        .doesNotContain(SERVICES + "dev.weir.service.app.fault.FaultInjector");
    assertThat(files.stream().filter(file -> file.startsWith(FAULT_SEAM)))
        .as("what is left of faults is the interfaces by which audits give them to a server")
        .containsExactlyInAnyOrder(
            FAULT_SEAM + "FaultInjector.class",
            FAULT_SEAM + "ServerFaults.class",
            FAULT_SEAM + "ServerFaults$1.class",
            FAULT_SEAM + "package-info.class");
  }

  @Test
  void program_hasTheListOfItsLogEngines() throws IOException {
    assertThat(files()).contains(SERVICES + "dev.weir.service.log.LogEngineProvider");
  }
}
