package dev.weir.it.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weir.faultinjection.FatalThreadFault;
import dev.weir.it.process.ProcessLimits;
import dev.weir.service.app.end.ProcessTerminator;
import dev.weir.service.config.Limit;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * F3: a real server without heap, direct memory, threads or stack, one of whose threads hangs or is
 * killed, is gone within its stated time, reports it, and has everything acknowledged after a
 * restart. {@code make exhaustion} does it on each kind of thread.
 */
class ExhaustionTest {
  private static final boolean ALL = Boolean.getBoolean("weir.it.exhaustion.all");

  /** The longest time until a breakdown is complete, such as filling the heap, and is heard of. */
  private static final Duration AT_ONCE = Duration.ofSeconds(20);

  private static final long WARN_MILLIS = 1_000;
  private static final long END_MILLIS = 3_000;

  /** The Java machine ends by itself when the heap is full. */
  private static final int JVM_EXIT_CODE = 3;

  private static final String USER = "54321";
  private static final int PROCESSES_MAX = 300;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path dir;

  static Stream<Arguments> breakdowns() {
    if (!ALL) {
      return Stream.of(
          Arguments.of(FatalThreadFault.HEAP, "weir-writer"),
          Arguments.of(FatalThreadFault.DIRECT, "weir-loop"),
          Arguments.of(FatalThreadFault.THREADS, "weir-control"),
          Arguments.of(FatalThreadFault.STACK, "weir-ticker"),
          Arguments.of(FatalThreadFault.LOOP, "weir-loop"),
          Arguments.of(FatalThreadFault.DEATH, "weir-accept"));
    }
    List<String> watched =
        List.of("weir-accept", "weir-loop", "weir-writer", "weir-view", "weir-ticker");
    List<String> threads = new ArrayList<>(watched);
    threads.addAll(List.of("weir-sync", "weir-marks", "weir-background", "weir-system"));
    threads.addAll(List.of("weir-topics", "weir-control", "weir-catchup"));
    return Stream.of(FatalThreadFault.values())
        .flatMap(
            kind ->
                (kind == FatalThreadFault.LOOP ? watched : threads)
                    .stream().map(thread -> Arguments.of(kind, thread)));
  }

  private RealServer.Terms terms() {
    return new RealServer.Terms(
        dir,
        Map.of(
            Limit.WATCHDOG_WARN_MS,
            WARN_MILLIS,
            Limit.WATCHDOG_END_MS,
            END_MILLIS,
            Limit.DRAIN_MS,
            0L,
            Limit.SHUTDOWN_GRACE_MS,
            500L,
            Limit.SHUTDOWN_REST_MS,
            2_000L,
            Limit.SYNC_THREADS,
            1L,
            Limit.CONNECTIONS_MAX,
            10_000L));
  }

  /** Runs as a user who may have so many threads: root may have any number. */
  private static RealServer.Terms unprivileged(RealServer.Terms terms) throws Exception {
    String[] setpriv = {
      "setpriv",
      "--reuid",
      USER,
      "--inh-caps=+dac_override",
      "--ambient-caps=+dac_override",
      "bash",
      "-c",
      "ulimit -u " + PROCESSES_MAX + "; exec \"$@\"",
      "weir"
    };
    List<String> trial = new ArrayList<>(List.of(setpriv));
    trial.add("true");
    boolean can = false;
    try {
      can = ProcessLimits.exitCode(new ProcessBuilder(trial).start()) == 0;
    } catch (IOException none) {
      System.out.println("no setpriv: " + none.getMessage());
    }
    assumeTrue(can, "exhaustion of threads is skipped: it needs root and setpriv");
    return terms.under(setpriv);
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("breakdowns")
  void serverThatCannotGoOn_endsAtOnce_andLosesNothing(FatalThreadFault kind, String thread)
      throws Exception {
    RealServer.Terms terms = kind == FatalThreadFault.THREADS ? unprivileged(terms()) : terms();
    long acked;
    try (RealServer server = RealServer.start(terms, 0, List.of("break-later"));
        CountedPublisher publisher = new CountedPublisher(server)) {
      publisher.createTopic();
      publisher.publish(20);
      CompletableFuture<Void> publishing = publisher.publishToTheEnd();
      server.arm("break=" + kind.word() + "@" + thread);
      assertThat(server.awaitEnd(AT_ONCE)).as("it is gone: %s", server.words()).isTrue();
      publishing.get(1, TimeUnit.MINUTES);
      acked = publisher.acked();
      requireTold(server, kind);
    }
    try (RealServer again = RealServer.start(terms(), 0, List.of());
        CountedPublisher reader = new CountedPublisher(again)) {
      List<Long> stored = reader.stored();
      assertThat(stored).hasSizeBetween((int) acked, (int) acked + 1);
      assertThat(stored)
          .containsExactlyElementsOf(LongStream.rangeClosed(1, stored.size()).boxed().toList());
    }
  }

  private static void requireTold(RealServer server, FatalThreadFault kind) throws IOException {
    String all = String.join("\n", server.words());
    if (kind == FatalThreadFault.HEAP && server.exitCode() == JVM_EXIT_CODE) {
      assertThat(server.output()).contains("Terminating due to java.lang.OutOfMemoryError");
      return;
    }
    assertThat(server.exitCode()).as(all).isEqualTo(ProcessTerminator.EXIT_CODE);
    assertThat(all)
        .contains("weir: this process ends at once with code 70: ")
        .contains("SYNCED and BUFFERED topics keep everything that was acknowledged");
    if (kind == FatalThreadFault.LOOP) {
      assertThat(all).contains("watchdog_end_ms", "has not answered for", "FatalThreadFault");
    }
  }

  @Test
  void stopThatHangs_endsWithinItsStatedTime() throws Exception {
    try (RealServer server = RealServer.start(terms(), 0, List.of("break-later"));
        CountedPublisher publisher = new CountedPublisher(server)) {
      publisher.createTopic();
      publisher.publish(5);
      server.arm("break=loop@weir-sync");
      CompletableFuture<Void> publishing = publisher.publishToTheEnd(); // one call that hangs
      assertThat(server.stop()).isEqualTo(ProcessTerminator.EXIT_CODE);
      publishing.get(1, TimeUnit.MINUTES);
      assertThat(String.join("\n", server.words())).contains("stopping took longer than");
    }
  }

  /** A machine or process that stands still is not taken for threads that hang. */
  @Test
  void processThatWasStopped_goesOn() throws Exception {
    try (RealServer server = RealServer.start(terms(), 0, List.of());
        CountedPublisher publisher = new CountedPublisher(server)) {
      publisher.createTopic();
      publisher.publish(5);
      server.signal("STOP");
      Thread.sleep(END_MILLIS + WARN_MILLIS); // that is the fault
      server.signal("CONT");
      publisher.publish(5);
      assertThat(server.isAlive()).isTrue();
      assertThat(String.join("\n", server.words())).doesNotContain("has not answered");
    }
  }

  @Test
  void serverWithoutDescriptors_acceptsAgainOnceThereAreSome() throws Exception {
    Map<Limit, Long> limits = new EnumMap<>(terms().limits());
    limits.put(Limit.OPEN_FILES_MAX, 10_000L); // so that the system is the first to refuse
    RealServer.Terms few =
        new RealServer.Terms(dir, limits).under("bash", "-c", "ulimit -n 400; exec \"$@\"", "weir");
    List<Socket> sockets = new ArrayList<>();
    try (RealServer server = RealServer.start(few, 0, List.of());
        CountedPublisher publisher = new CountedPublisher(server)) {
      publisher.createTopic();
      publisher.publish(5);
      for (int i = 0; i < 450; i++) {
        sockets.add(new Socket(InetAddress.getLoopbackAddress(), server.port()));
      }
      assertThat(
              ProcessWait.until(
                  () -> said(server, "A connection cannot be accepted") > 0, RealServer.PATIENCE))
          .isTrue();
      publisher.publish(5);
      for (Socket socket : sockets) {
        socket.close();
      }
      try (CountedPublisher late = new CountedPublisher(server)) {
        assertThat(late.stored()).hasSize(10);
      }
      assertThat(said(server, "A connection cannot be accepted")).isBetween(1L, 12L);
      assertThat(server.isAlive()).isTrue();
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  private static long said(RealServer server, String words) {
    try {
      return server.words().stream().filter(line -> line.contains(words)).count();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
