package dev.weir.it.proof;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.weir.client.Publisher;
import dev.weir.client.ReadingHandler;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.v1.Reading;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The archive of the classes that a server needs under load, made by one short life of it: what is
 * in it need not be read from jars and verified in the hundreds of lives that follow. Stateless.
 */
final class ClassArchive {
  private static final String READY = "weir ready grpc=";
  private static final String TOPIC = "archive";
  private static final int SENSORS = 100;

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
    Path dir = Files.createTempDirectory("weir-classes");
    Path config = Files.writeString(dir.resolve("weir.yaml"), "host: 127.0.0.1\n");
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                program,
                "serve",
                "--port",
                "0",
                "--config",
                config.toString(),
                "--data",
                dir.resolve("data").toString(),
                "--i-know-this-loses-data",
                "--fault",
                "kill-later"));
    builder
        .environment()
        .put("WEIR_JAVA_OPTS", "-XX:+UseSerialGC -XX:ArchiveClassesAtExit=" + archive);
    Process process = builder.redirectErrorStream(true).start();
    try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
      String ready = lines.lines().filter(line -> line.startsWith(READY)).findFirst().orElseThrow();
      use(ready.substring(READY.length(), ready.indexOf(' ', READY.length())));
      process.toHandle().destroy();
      lines.lines().forEach(line -> {});
    }
    process.onExit().completeOnTimeout(process, 1, TimeUnit.MINUTES).join();
    MoreFiles.deleteRecursively(dir, RecursiveDeleteOption.ALLOW_INSECURE);
    if (!Files.exists(archive)) {
      throw new IOException("no class archive was made at " + archive);
    }
  }

  /** Something of everything that the audits do. */
  private static void use(String address) throws IOException {
    try (WeirClient client = WeirClient.connect(address)) {
      client.topics().createTopic(TOPIC, 2);
      Publisher publisher = client.publisher(TOPIC);
      for (int i = 0; i < SENSORS; i++) {
        publisher.sensor("s" + i).publish(i, i);
      }
      publisher.drain(RealServer.PATIENCE);
      client.upload(TOPIC, "u", List.of(Reading.newBuilder().setSensor("u").setDouble(1).build()));
      client.latest(TOPIC).forEach(reading -> {});
      ReadingHandler nothing = reading -> {};
      SubscriberOptions.Builder all = SubscriberOptions.builder(TOPIC).durable("d").untilNow();
      try (Subscriber durable = client.subscribe(all.build(), nothing);
          Subscriber snapshot =
              client.subscribe(SubscriberOptions.builder(TOPIC).snapshot().build(), nothing)) {
        durable.completion().get(1, TimeUnit.MINUTES);
        Waiting.until(() -> !snapshot.cursor().isEmpty(), RealServer.PATIENCE);
      } catch (Exception e) {
        throw new IOException("the server of which an archive is to be made does not serve", e);
      }
    }
  }
}
