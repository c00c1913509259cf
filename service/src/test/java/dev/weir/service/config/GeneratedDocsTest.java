package dev.weir.service.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The documents that are generated from code say what the code says. */
class GeneratedDocsTest {
  private static final String HOW =
      "%s is not what the code says; write it anew with: mvn -q test -pl service -am"
          + " -Dtest=GeneratedDocsTest -Dsurefire.failIfNoSpecifiedTests=false"
          + " -Dweir.docs.write=true";

  @Test
  void limits_areThoseOfTheCode() throws IOException {
    check("docs/limits.md", LimitsDoc.text());
  }

  @Test
  void errors_areThoseOfTheCode() throws IOException {
    check("docs/errors.md", ErrorsDoc.text());
  }

  private static void check(String name, String text) throws IOException {
    Path module = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    Path file = module.getParent().resolve(name);
    if (Boolean.getBoolean("weir.docs.write")) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    }
    assertThat(file).exists();
    assertThat(Files.readString(file)).withFailMessage(HOW, name).isEqualTo(text);
  }
}
