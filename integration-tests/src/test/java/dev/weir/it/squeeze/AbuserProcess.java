package dev.weir.it.squeeze;

import dev.weir.it.process.ProcessLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * The process of the abusers. It ends by itself, and when this process does. Owned by the audit.
 */
final class AbuserProcess implements AutoCloseable {
  private static final long GRACE_SECONDS = 20;

  /** Others come first: the abusers of a real server have processors of their own. */
  private static final String NICE = "10";

  private final Process process;
  private final Path out;
  private final SqueezeOptions terms;

  private AbuserProcess(Process process, Path out, SqueezeOptions terms) {
    this.process = process;
    this.out = out;
    this.terms = terms;
  }

  static AbuserProcess start(SqueezeOptions terms, Abuse abuse, Path dir, int port)
      throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Path out = dir.resolve("abuser-" + abuse.word() + ".out");
    List<String> command =
        List.of(
            "nice",
            "-n",
            NICE,
            java,
            "-Xmx1g",
            "-XX:+UseSerialGC",
            "-Xss256k",
            "-cp",
            System.getProperty("java.class.path"),
            AbuserMain.class.getName(),
            Integer.toString(port),
            abuse.word(),
            Long.toString(terms.abuseTime().toSeconds()),
            Long.toString(terms.seed()));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(dir.resolve("abuser.err").toFile())
            .start();
    return new AbuserProcess(process, out, terms);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits until it has ended; what it did, by name. */
  Map<String, Long> awaitEnd() throws IOException, InterruptedException {
    if (!process.waitFor(terms.abuseTime().toSeconds() + GRACE_SECONDS, TimeUnit.SECONDS)) {
      close();
    }
    Map<String, Long> counts = new TreeMap<>();
    for (String line : Files.readAllLines(out)) {
      String[] parts = line.split("\t", 2);
      counts.put(parts[0], Long.parseLong(parts[1]));
    }
    return counts;
  }

  @Override
  public void close() {
    ProcessLimits.kill(process);
  }
}
