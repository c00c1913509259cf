package dev.weir.service.sim;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** One seed from beginning to end: trouble first, then calm, in which all must come to an end. */
final class Simulation {
  private static final long CALM_NANOS_MAX = 60_000_000_000L;
  private static final long SETTLE_NANOS = 50_000_000L;
  private static final int STEPS_PER_LOOK = 64;
  private static final int STEPS_MAX = 400_000;
  private static final long HOUR_NANOS = 3_600_000_000_000L;

  /** A promise that was broken. */
  static final class Failure extends AssertionError {
    private static final long serialVersionUID = 1L;

    Failure(String what) {
      super(what);
    }
  }

  private final SimWorld world;
  private final Random random;
  private final SimPlan plan;
  private final SimTrace trace;
  private final List<SimProducer> producers = new ArrayList<>();
  private final List<SimSubscriber> subscribers = new ArrayList<>();
  private long troubleEndNanos;
  private int processes;

  Simulation(long seed, InjectedDefects broken, SimTrace trace, SimPlan.Kind kind) {
    this.trace = trace;
    this.world = new SimWorld(seed, broken, trace, kind);
    this.random = world.random();
    this.plan = world.plan();
  }

  SimWorld world() {
    return world;
  }

  /**
   * Runs it.
   *
   * @throws Failure if a promise was broken
   */
  void run() {
    world.create();
    check();
    int named = 1 + random.nextInt(2);
    for (int i = 0; i < named; i++) {
      produce("p" + i);
    }
    if (random.nextInt(3) == 0) {
      produce("");
    }
    boolean handOvers = plan.kind() == SimPlan.Kind.HAND_OVERS;
    for (int i = handOvers ? 8 : 1 + random.nextInt(3); i > 0; i--) {
      subscribe();
    }
    troubleEndNanos = world.schedule.nowNanos() + 150_000_000L + world.below(400_000_000L);
    trouble();
    while (world.schedule.nowNanos() < troubleEndNanos) {
      step();
    }
    calm();
    settle();
    atRest();
  }

  private void produce(String name) {
    int batches = plan.kind() == SimPlan.Kind.HAND_OVERS ? 300 : 10 + random.nextInt(50);
    SimProducer producer =
        new SimProducer(world, ++processes, name, batches, random.nextInt(4) == 0);
    producers.add(producer);
    world.join(producer);
  }

  private void subscribe() {
    List<dev.weir.v1.Subscription> wanted = new ArrayList<>();
    for (int id = random.nextInt(3); id >= 0; id--) {
      wanted.add(0, plan.subscription(world, id));
    }
    SimSubscriber subscriber = new SimSubscriber(world, subscribers.size(), wanted);
    subscribers.add(subscriber);
    world.join(subscriber);
  }

  private void step() {
    if (!world.step()) {
      world.book.fail("nothing is left to do: %s", describe());
    }
    if (world.schedule.steps() > STEPS_MAX) {
      world.book.fail("it does not come to an end: %s", describe());
    }
    check();
  }

  private void check() {
    if (world.server() != null) {
      world.book.withinBounds(world.server().charged());
    }
    if (world.book.wrong() != null) {
      throw new Failure(world.book.wrong());
    }
  }

  // ---- trouble

  private void trouble() {
    if (plan.diskFails) {
      world.disk.fail(300 + random.nextInt(2_000), 0);
    }
    if (plan.syncsFail) {
      world.disk.fail(plan.diskFails ? 500 : 0, 60 + random.nextInt(400));
    }
    if (plan.syncsStall) {
      world.schedule.stall(30 + random.nextInt(100), 20_000_000L);
    }
    next();
  }

  private void next() {
    long delay = world.below(25_000_000L);
    world.schedule.after(
        delay,
        world.line(),
        () -> {
          if (world.schedule.nowNanos() < troubleEndNanos) {
            something();
            next();
          }
        });
  }

  private void something() {
    SimClient client = world.clients().get(random.nextInt(world.clients().size()));
    switch (random.nextInt(14)) {
      case 0 -> kill(plan.processDies, false);
      case 1 -> kill(plan.powerFails, true);
      case 2 -> {
        if (plan.processDies && random.nextBoolean()) {
          world.stop();
        }
      }
      case 3, 4 -> {
        if (plan.callsBreak && client.call != null) {
          world.tally.add("calls cut");
          world.trace("cut", client, null);
          client.call.cut(world.below(80_000_000L));
        }
      }
      case 5, 6, 7 -> {
        if (client.call != null) {
          world.tally.add("calls stalled");
          client.call.stall(world.below(60_000_000L));
        }
      }
      case 8 -> jump();
      case 9 -> {
        if (plan.diskFills) {
          fill();
        }
      }
      case 10 -> {
        if (plan.producersRestart) {
          world.tally.add("producers started again");
          produce("p0");
        }
      }
      case 11 -> {
        if (subscribers.size() < 5) {
          subscribe();
        }
      }
      default -> compare();
    }
  }

  private void kill(boolean happens, boolean powerCut) {
    if (!happens || random.nextInt(2) == 0) {
      return;
    }
    if (random.nextBoolean()) {
      world.kill(powerCut);
    } else {
      world.dieSoon();
    }
  }

  private void jump() {
    if (plan.clockJumps) {
      world.jump((random.nextInt(3) - 1) * HOUR_NANOS);
    }
  }

  private void fill() {
    world.tally.add("disk full");
    world.trace("disk full", "disk", null);
    world.disk.free(random.nextInt(300));
    world.schedule.after(
        world.below(40_000_000L), world.line(), () -> world.disk.free(Long.MAX_VALUE));
  }

  /** What the log says now is what the book says. */
  private void compare() {
    if (plan.diskFails || world.server() == null || random.nextInt(4) > 0) {
      return; // reading would fail
    }
    try {
      world.server().compare();
    } catch (IOException | RuntimeException failed) {
      if (!world.disk.dead()) {
        world.book.fail("the log cannot be read: %s", SimTrace.stack(failed));
      }
    }
  }

  // ---- calm

  private void calm() {
    trace.add(world.schedule.nowNanos(), "calm", "world", null);
    world.disk.fail(0, 0);
    world.disk.free(Long.MAX_VALUE);
    world.disk.dieIn(0);
    world.schedule.stall(0, 0);
    subscribers.forEach(SimSubscriber::calmDown);
    long endNanos = world.schedule.nowNanos() + CALM_NANOS_MAX;
    for (long steps = 0; steps % STEPS_PER_LOOK > 0 || !done(); steps++) {
      if (world.schedule.nowNanos() > endNanos) {
        world.book.fail("it stands still: %s", describe());
      }
      if (steps % STEPS_PER_LOOK == 0 && world.server() != null && world.server().poisoned()) {
        world.kill(false); // as an operator does who is told to
      }
      step();
    }
  }

  private boolean done() {
    return world.server() != null && world.clients().stream().allMatch(SimClient::done);
  }

  private void settle() {
    long endNanos = world.schedule.nowNanos() + SETTLE_NANOS;
    while (world.schedule.nowNanos() < endNanos) {
      step();
    }
  }

  private void atRest() {
    if (!done()) {
      world.book.fail("it does not stay at rest: %s", describe());
    }
    subscribers.forEach(SimSubscriber::checkRest);
    try {
      world.server().compare();
    } catch (IOException | RuntimeException failed) {
      world.book.fail("the log cannot be read: %s", SimTrace.stack(failed));
    }
    check();
    world.stop();
    check();
    world.tally.add("batches", world.book.batches());
    world.tally.add("held up", world.schedule.stalls());
    world.tally.add("steps", world.schedule.steps());
    world.tally.add("virtual ms", world.schedule.nowNanos() / 1_000_000);
  }

  private String describe() {
    StringBuilder text = new StringBuilder();
    for (SimClient client : world.clients()) {
      text.append(client.done() ? "" : "\n  " + client.describe());
    }
    return text + (world.server() == null ? "\n  no server runs" : "");
  }
}
