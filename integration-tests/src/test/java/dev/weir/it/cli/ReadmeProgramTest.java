package dev.weir.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's Java program, word for word, while its servers come and go (A1, O3, R1). */
class ReadmeProgramTest {
  private static final Pattern PROGRAM =
      Pattern.compile("```java\\n(.*?public final class (\\w+) .*?)```", Pattern.DOTALL);
  private static final int READINGS = 150;

  /** Lines that it has printed when something happens to its server. */
  private static final int LINES_BEFORE_KILL = 25;

  private static final int LINES_BEFORE_DRAIN = 80;

  /** No server is there for so long, and the program has tried at least so often. */
  private static final Duration DOWN = Duration.ofSeconds(10);

  private static final int TRIES_WHILE_DOWN = 3;

  @TempDir private Path dir;
  private CommandProcess disturbed;

  @AfterEach
  void end() {
    if (disturbed != null) {
      disturbed.close();
    }
  }

  @Test
  void programOfTheReadme_printsTheSameHoweverItsServersComeAndGo() throws Exception {
    String main = compile();
    try (CommandProcess quiet = CommandProcess.server(dir.resolve("quiet"), 0);
        CommandProcess undisturbed = program(main, quiet.address())) {
      disturb(main);
      assertThat(undisturbed.awaitExit()).as(undisturbed::toString).isZero();
      assertThat(undisturbed.out())
          .isEqualTo(
              IntStream.range(0, READINGS).mapToObj(i -> "line3/temp " + (20 + i / 10.0)).toList());
      assertThat(disturbed.out()).as(disturbed::toString).isEqualTo(undisturbed.out());
    }
  }

  /** Runs it to its end. */
  private void disturb(String main) throws Exception {
    Path data = dir.resolve("disturbed");
    int first;
    int second = freePort();
    try (Absent server = new Absent(0)) {
      first = server.port();
      disturbed = program(main, "localhost:" + first + ",localhost:" + second);
      server.awaitTries(1);
    }
    try (CommandProcess late = CommandProcess.server(data, first)) {
      disturbed.awaitLines(LINES_BEFORE_KILL);
      late.kill();
    }
    try (Absent server = new Absent(first)) {
      assertThat(server.refuseFor(DOWN)).isGreaterThanOrEqualTo(TRIES_WHILE_DOWN);
    }
    try (CommandProcess back = CommandProcess.server(data, first);
        CommandProcess next =
            CommandProcess.start("serve", "--data", data, "--port", second, "--wait-for-lock")) {
      next.awaitErrWith("waiting for its end");
      disturbed.awaitLines(LINES_BEFORE_DRAIN);
      back.terminate();
      assertThat(back.awaitExit()).as(back::toString).isZero();
      next.awaitLine("weir ready ");
      assertThat(disturbed.awaitExit()).as(disturbed::toString).isZero();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  private CommandProcess program(String main, String servers) throws IOException {
    String classPath = dir + System.getProperty("path.separator");
    return CommandProcess.java(classPath + System.getProperty("java.class.path"), main, servers);
  }

  /** Compiles the program as it stands in the README; gives its name. */
  private String compile() throws IOException {
    Matcher found = PROGRAM.matcher(Files.readString(Path.of("..", "README.md")));
    assertThat(found.find()).as("a Java program in README.md").isTrue();
    Path source = Files.writeString(dir.resolve(found.group(2) + ".java"), found.group(1));
    String classPath = System.getProperty("java.class.path");
    List<String> arguments =
        List.of("-Xlint:all,-path", "-Werror", "-proc:none", "-cp", classPath, source.toString());
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    assertThat(failed).as("compiler errors").isZero();
    return found.group(2);
  }

  /** A port where no server is; notices who tries. Owned by the test. */
  private static final class Absent implements AutoCloseable {
    private final ServerSocket listener;

    Absent(int port) throws IOException {
      listener = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
      listener.setSoTimeout((int) CommandProcess.PATIENCE.toMillis());
    }

    int port() {
      return listener.getLocalPort();
    }

    void awaitTries(int tries) throws IOException {
      for (int i = 0; i < tries; i++) {
        refuse();
      }
    }

    /** Refuses for that time, and returns how many tried. */
    int refuseFor(Duration time) throws IOException {
      long end = System.nanoTime() + time.toNanos();
      for (int tries = 0; ; tries++) {
        long leftMillis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (leftMillis <= 0) {
          return tries;
        }
        listener.setSoTimeout((int) leftMillis);
        try {
          refuse();
        } catch (SocketTimeoutException timeIsOver) {
          return tries;
        }
      }
    }

    private void refuse() throws IOException {
      try (Socket tried = listener.accept()) {
        tried.setSoLinger(true, 0); // as if nobody had listened
      }
    }

    @Override
    public void close() throws IOException {
      listener.close();
    }
  }
}
