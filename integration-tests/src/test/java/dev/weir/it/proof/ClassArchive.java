package dev.weir.it.proof;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The archive of a program's classes, made by one start and stop of it. Stateless. */
final class ClassArchive {
  private ClassArchive() {}

  /** JVM options with which a program starts sooner. */
  static synchronized List<String> options(String program) throws IOException {
    Path archive = Path.of("target", "weir-classes.jsa").toAbsolutePath();
    Path stamp = Path.of(program).resolveSibling("../cli/target/weir.stamp").normalize();
    boolean current =
        Files.exists(archive)
            && Files.getLastModifiedTime(archive).compareTo(Files.getLastModifiedTime(stamp)) > 0;
    if (!current) {
      make(program, archive);
    }
    return List.of("-XX:SharedArchiveFile=" + archive);
  }

  private static void make(String program, Path archive) throws IOException {
    Files.deleteIfExists(archive);
    Path data = Files.createTempDirectory("weir-classes");
    ProcessBuilder builder =
        new ProcessBuilder(program, "serve", "--port", "0", "--data", data.resolve("d").toString());
    builder
        .environment()
        .put("WEIR_JAVA_OPTS", "-XX:+UseSerialGC -XX:ArchiveClassesAtExit=" + archive);
    Process process = builder.redirectErrorStream(true).start();
    String ready = process.inputReader().readLine();
    process.toHandle().destroy();
    process.inputReader().lines().forEach(line -> {});
    boolean lives =
        process.onExit().completeOnTimeout(process, 1, TimeUnit.MINUTES).join().isAlive();
    if (lives || ready == null || !Files.exists(archive)) {
      throw new IOException("no class archive was made; the server said: " + ready);
    }
  }
}
