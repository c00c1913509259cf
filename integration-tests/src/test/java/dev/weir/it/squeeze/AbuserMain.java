package dev.weir.it.squeeze;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * The process of the abusers: {@code PORT ABUSE SECONDS SEED}. Prints what it did when the time is
 * over, and ends; it also ends when its standard input does.
 */
public final class AbuserMain {
  private static final long GRACE_SECONDS = 15;

  private AbuserMain() {}

  /** Runs it. */
  public static void main(String[] args) {
    int port = Integer.parseInt(args[0]);
    Abuse abuse = Abuse.of(args[1]);
    Duration duration = Duration.ofSeconds(Long.parseLong(args[2]));
    AbuseCounts tally = new AbuseCounts();
    endWithInput();
    endLate(duration);
    try (AbuseContext attack = new AbuseContext(port, duration, Long.parseLong(args[3]), tally)) {
      for (Abuse part : abuse.parts()) {
        begin(part, attack);
      }
      attack.await();
    }
    System.out.print(tally);
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }

  private static void begin(Abuse part, AbuseContext attack) {
    switch (part) {
      case CATCH_UP -> CatchUpReaders.begin(attack);
      case IDLE -> IdleSessions.begin(attack);
      case UNREAD -> UnreadResponses.begin(attack);
      case ENTRIES -> ManyEntries.begin(attack);
      case GLOBS -> CostlyGlobs.begin(attack);
      case CHURN -> SubscriptionChurn.begin(attack);
      case SLOW -> SlowPeers.begin(attack);
      case SNAPSHOTS -> StoppedSnapshots.begin(attack);
      case ALL -> throw new IllegalArgumentException("parts: " + part);
    }
  }

  private static void endWithInput() {
    daemon(
        () -> {
          try {
            System.in.transferTo(OutputStream.nullOutputStream());
          } catch (IOException e) {
            // It is over.
          }
          Runtime.getRuntime().halt(1);
        });
  }

  /** Ends this process late, whatever hangs. */
  private static void endLate(Duration duration) {
    daemon(
        () -> {
          long end = System.nanoTime() + duration.plusSeconds(GRACE_SECONDS).toNanos();
          while (System.nanoTime() - end < 0) {
            LockSupport.parkNanos(end - System.nanoTime());
          }
          Runtime.getRuntime().halt(2);
        });
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "abuser-end");
    thread.setDaemon(true);
    thread.start();
  }
}
