package dev.weir.it.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Keeps the documents readable and their references true. */
final class DocumentsArchitectureTest {
  private static final Path ROOT = Path.of("..");
  private static final int CELL_CHARACTERS_MAX = 200;
  private static final Pattern CELL_BORDER = Pattern.compile("(?<!\\\\)\\|");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern CLASS =
      Pattern.compile("`(?:[a-z]+\\.)*([A-Z]\\w*[a-z]\\w*)(?:\\.\\w+)*`");

  /** Documents in which each capitalised name in code style is a class. */
  private static final Set<String> WITH_CLASSES =
      Set.of("ARCHITECTURE.md", "CONTRIBUTING.md", "promises.md", "threading.md");

  private static final Pattern TEST_METHOD =
      Pattern.compile("\\]\\(([^)\\s]+\\.java)\\)`\\.(\\w+)`");

  @Test
  void tableCell_isShort() throws IOException {
    List<String> tooLong = new ArrayList<>();
    eachLine(
        line -> {
          if (line.text().startsWith("|")) {
            CELL_BORDER
                .splitAsStream(line.text())
                .map(cell -> cell.strip().length())
                .filter(length -> length > CELL_CHARACTERS_MAX)
                .forEach(
                    length -> tooLong.add(line.place() + ": a cell has " + length + " characters"));
          }
        });
    assertThat(tooLong)
        .as("cells over %s characters; put the details below the table", CELL_CHARACTERS_MAX)
        .isEmpty();
  }

  @Test
  void relativeLink_leadsToAFileAndAHeading() throws IOException {
    List<String> dead = new ArrayList<>();
    eachLine(
        line ->
            LINK.matcher(line.text())
                .results()
                .map(link -> link.group(1))
                .filter(target -> !target.contains("://"))
                .filter(target -> !exists(line.file(), target))
                .forEach(target -> dead.add(line.place() + ": " + target)));
    assertThat(dead).as("links to files or headings that do not exist").isEmpty();
  }

  @Test
  void testMethodNamedBesideItsClass_existsThere() throws IOException {
    List<String> unknown = new ArrayList<>();
    eachLine(
        line ->
            TEST_METHOD
                .matcher(line.text())
                .results()
                .filter(method -> !declares(line.file(), method))
                .forEach(method -> unknown.add(line.place() + ": " + method.group())));
    assertThat(unknown).as("methods that their class does not have").isEmpty();
  }

  @Test
  void classNamed_exists() throws IOException {
    Set<String> classes = classes();
    List<String> unknown = new ArrayList<>();
    eachLine(
        line ->
            CLASS
                .matcher(line.text())
                .results()
                .map(name -> name.group(1))
                .filter(name -> !classes.contains(name))
                .filter(
                    name ->
                        WITH_CLASSES.contains(line.file().getFileName().toString())
                            || name.endsWith("Test")
                            || name.endsWith("Properties"))
                .forEach(name -> unknown.add(line.place() + ": " + name)));
    assertThat(unknown).as("classes that were renamed or deleted").isEmpty();
  }

  /** The simple names of all classes of the repository that have a file. */
  private static Set<String> classes() throws IOException {
    Set<String> classes = new HashSet<>();
    try (Stream<Path> top = Files.list(ROOT)) {
      for (Path module : top.filter(each -> Files.exists(each.resolve("src"))).toList()) {
        try (Stream<Path> sources = Files.walk(module.resolve("src"))) {
          sources
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".java"))
              .forEach(name -> classes.add(name.substring(0, name.length() - 5)));
        }
      }
    }
    return classes;
  }

  private static boolean exists(Path document, String target) {
    int hash = target.indexOf('#');
    String path = hash < 0 ? target : target.substring(0, hash);
    Path file = path.isEmpty() ? document : document.resolveSibling(path);
    return Files.exists(file) && (hash < 0 || headings(file).contains(target.substring(hash + 1)));
  }

  /** The anchors of a document's headings, as code hosts make them. */
  private static Set<String> headings(Path file) {
    return lines(file).stream()
        .map(Line::text)
        .filter(text -> text.startsWith("#"))
        .map(text -> text.replaceFirst("^#+\\s*", "").toLowerCase(Locale.ROOT))
        .map(text -> text.replaceAll("[^\\w\\- ]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  private static boolean declares(Path document, MatchResult method) {
    Path file = document.resolveSibling(method.group(1));
    return Files.exists(file) && text(file).contains(" " + method.group(2) + "(");
  }

  private static void eachLine(Consumer<Line> check) throws IOException {
    List<Path> documents = new ArrayList<>();
    try (Stream<Path> files = Files.list(ROOT);
        Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      Stream.concat(files, docs)
          .filter(file -> file.toString().endsWith(".md"))
          .sorted()
          .forEach(documents::add);
    }
    assertThat(documents).as("documents found").hasSizeGreaterThan(15);
    documents.forEach(file -> lines(file).forEach(check));
  }

  /** The lines of a document outside its blocks of code. */
  private static List<Line> lines(Path file) {
    List<Line> lines = new ArrayList<>();
    boolean code = false;
    int number = 0;
    for (String text : text(file).lines().toList()) {
      number++;
      if (text.strip().startsWith("```")) {
        code = !code;
      } else if (!code) {
        lines.add(new Line(file, number, text));
      }
    }
    return lines;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record Line(Path file, int number, String text) {
    String place() {
      return ROOT.relativize(file) + ":" + number;
    }
  }
}
