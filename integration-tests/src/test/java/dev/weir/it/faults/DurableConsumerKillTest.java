package dev.weir.it.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.client.Publisher;
import dev.weir.client.SensorHandle;
import dev.weir.client.WeirClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A durable consumer, killed (SIGKILL) at random points while a publisher continues: over all its
 * runs nothing is missing, and a start repeats at most what was handed over since the last
 * acknowledged commit.
 *
 * <p>{@code -Dweir.it.kills=50} is the run that the promise is about; the default is a fifth of it,
 * because each kill costs the start of a process.
 */
class DurableConsumerKillTest {
  private static final int KILLS = Integer.getInteger("weir.it.kills", 10);
  private static final long SEED = Long.getLong("weir.it.seed", 20_261_124);
  private static final String TOPIC = "line";
  private static final int PARTITIONS = 2;
  private static final int SENSORS = 5;
  private static final long PUBLISH_EVERY_MILLIS = 5;

  /** Runs end before, while and after they commit. */
  private static final int MILLIS_BEFORE_KILL_MAX = 2_500;

  private static final List<String> TINY =
      List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");

  private final Random random = new Random(SEED);
  private final AtomicLong rounds = new AtomicLong();
  @TempDir private Path dir;

  @Test
  void consumerKilledAgainAndAgain_missesNothingAndRepeatsOnlyWhatWasUncommitted()
      throws Exception {
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    ConsumerJournals handed = new ConsumerJournals(SENSORS);
    try (JavaProcess server = JavaProcess.server(dir, List.of("-Xmx256m"));
        WeirClient client = WeirClient.connect(server.address())) {
      client.topics().createTopic(TOPIC, PARTITIONS);
      Publisher publisher = client.publisher(TOPIC);
      var publishing =
          clock.scheduleAtFixedRate(
              () -> publishRound(publisher), 0, PUBLISH_EVERY_MILLIS, TimeUnit.MILLISECONDS);
      for (int run = 0; run < KILLS; run++) {
        handed.onRun(runAndKill(server, run));
      }
      assertThat(publishing.isDone()).as("the publisher goes on").isFalse();
      clock.shutdown();
      assertThat(clock.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
      publisher.flush().get(1, TimeUnit.MINUTES);
      handed.onRun(runToTheEnd(server));
    } finally {
      clock.shutdownNow();
    }
    System.out.printf(
        "durable consumer: seed %d, %d kills, %,d readings published, none missing; %,d repeated of"
            + " %,d handed over and not yet committed; %d commits acknowledged%n",
        SEED,
        KILLS,
        rounds.get() * SENSORS,
        handed.repeated(),
        handed.uncommitted(),
        handed.commits());
    for (int sensor = 0; sensor < SENSORS; sensor++) {
      assertThat(handed.handed(sensor)).as("sensor %d, all", sensor).isEqualTo(rounds.get());
    }
    assertThat(handed.commits()).isPositive();
  }

  private void publishRound(Publisher publisher) {
    long round = rounds.get();
    for (int sensor = 0; sensor < SENSORS; sensor++) {
      SensorHandle handle = publisher.sensor(Integer.toString(sensor));
      handle.publish(1_700_000_000_000_000_000L + round, (double) round);
    }
    rounds.incrementAndGet();
  }

  private List<String> runAndKill(JavaProcess server, int run) throws IOException {
    Path journal = dir.resolve("journal-" + run);
    int millis = random.nextInt(MILLIS_BEFORE_KILL_MAX);
    try (JavaProcess consumer = consume(server, run, journal)) {
      await("run " + run + " is handed readings")
          .atMost(JavaProcess.PATIENCE)
          .until(() -> Files.size(journal) > 0 || !consumer.isAlive());
      await("its time has come").pollDelay(Duration.ofMillis(millis)).until(() -> true);
      assertThat(consumer.isAlive()).as(consumer::toString).isTrue();
    }
    return lines(journal);
  }

  private List<String> runToTheEnd(JavaProcess server) throws Exception {
    Path journal = dir.resolve("journal-last");
    try (JavaProcess consumer = consume(server, KILLS, journal)) {
      String last = " " + (rounds.get() - 1);
      await("the last run has everything")
          .atMost(JavaProcess.PATIENCE)
          .until(() -> readings(journal, last) == SENSORS || !consumer.isAlive());
      assertThat(consumer.isAlive()).as(consumer::toString).isTrue();
    }
    return lines(journal);
  }

  private static long readings(Path journal, String end) throws IOException {
    return lines(journal).stream()
        .filter(line -> line.startsWith("r ") && line.endsWith(end))
        .count();
  }

  private JavaProcess consume(JavaProcess server, int run, Path journal) throws IOException {
    Files.createFile(journal);
    String main = DurableConsumer.class.getName();
    return JavaProcess.start(
        dir, "consumer-" + run, TINY, main, server.address(), TOPIC, "consumer", journal);
  }

  /** Its whole lines: a kill may have cut the last one. */
  private static List<String> lines(Path journal) throws IOException {
    String text = Files.readString(journal);
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
  }
}
