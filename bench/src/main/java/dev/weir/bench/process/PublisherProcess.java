package dev.weir.bench.process;

import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.ProcessConsole;
import dev.weir.bench.load.RandomWalks;
import dev.weir.bench.system.SystemPublisher;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A process that publishes as users write it: one thread, one call per reading, its sensors in
 * turn, into the {@link SystemPublisher} of {@code system=}. The walks continue from round to
 * round. All state belongs to the thread of the console.
 *
 * <p>Commands: {@code run MILLIS} (as fast as the system takes them), {@code pace MILLIS RATE} (so
 * many readings per second, each with the time at which it is due, however late it is), {@code
 * mark}. The answer to both comes when the system has everything.
 */
public final class PublisherProcess {
  private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(60);

  /** Readings between two looks at the clock. */
  private static final int STRIDE = 64;

  private final SystemPublisher outlet;
  private final RandomWalks walks;
  private final int sensors;
  private long published;

  private PublisherProcess(KeyValues settings, SystemPublisher outlet) {
    this.outlet = outlet;
    this.walks = walks(settings);
    this.sensors = walks.sensors();
  }

  /** The walks of {@code sensors=} sensors with a jitter of {@code jitter=} microseconds. */
  static RandomWalks walks(KeyValues settings) {
    return new RandomWalks(0, settings.count("sensors"), settings.number("jitter"));
  }

  /** See {@code dev.weir.bench.scenario.SystemUnderTest} for the settings. */
  public static void main(String[] args) throws Exception {
    KeyValues settings = KeyValues.parse(args);
    try (SystemPublisher outlet = SystemPublisher.open(settings)) {
      PublisherProcess process = new PublisherProcess(settings, outlet);
      ProcessConsole.serve(KeyValues.none().with("ready", true), process::onCommand);
    }
  }

  private KeyValues onCommand(String command, String argument) throws Exception {
    switch (command) {
      case "mark" -> {
        return KeyValues.none().with("readings", outlet.acknowledged());
      }
      case "run" -> run(TimeUnit.MILLISECONDS.toNanos(Long.parseLong(argument)));
      case "pace" -> {
        int space = argument.indexOf(' ');
        long millis = Long.parseLong(argument.substring(0, space));
        long rate = Long.parseLong(argument.substring(space + 1));
        pace(TimeUnit.MILLISECONDS.toNanos(millis), TimeUnit.SECONDS.toNanos(1) / rate);
      }
      default -> throw ProcessConsole.unknown(command);
    }
    boolean drained = outlet.drain(DRAIN_TIMEOUT);
    return KeyValues.none()
        .with("published", published)
        .with("acknowledged", outlet.acknowledged())
        .with("drained", drained)
        .with("failures", outlet.failures());
  }

  private void run(long nanos) throws Exception {
    long end = System.nanoTime() + nanos;
    int sensor = (int) (published % sensors);
    while (System.nanoTime() < end) {
      for (int i = 0; i < STRIDE; i++) {
        walks.step(sensor);
        outlet.publish(sensor, walks.timeNanos(sensor), walks.value(sensor));
        sensor = sensor + 1 == sensors ? 0 : sensor + 1;
      }
      published += STRIDE;
    }
  }

  private void pace(long nanos, long intervalNanos) throws Exception {
    long due = System.nanoTime();
    for (long end = due + nanos; due < end; due += intervalNanos) {
      for (long early = due - System.nanoTime(); early > 0; early = due - System.nanoTime()) {
        LockSupport.parkNanos(early);
      }
      int sensor = (int) (published % sensors);
      walks.step(sensor);
      outlet.publish(sensor, RandomWalks.timeOf(due), walks.value(sensor));
      published++;
    }
  }
}
