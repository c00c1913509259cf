package dev.weir.service.sim;

import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;

/** What all simulated clients do: they connect again, after a while. Owned by one world. */
abstract class SimClient implements SimCall.Client {
  private static final long BACKOFF_NANOS = 2_000_000L;
  private static final long BACKOFF_NANOS_MAX = 60_000_000L;

  final SimWorld world;
  final TaskQueue line;
  SimCall call;
  private boolean connecting;

  SimClient(SimWorld world, String name) {
    this.world = world;
    this.line = world.schedule.line(name, 1);
  }

  /** Connects as soon as there is a server. */
  final void connect() {
    if (connecting || stopped()) {
      return;
    }
    connecting = true;
    long delay = BACKOFF_NANOS + world.below(BACKOFF_NANOS_MAX - BACKOFF_NANOS);
    world.schedule.after(
        delay,
        line,
        () -> {
          connecting = false;
          if (stopped() || call != null) {
            return;
          }
          if (world.server() == null) {
            connect();
          } else {
            call = start();
          }
        });
  }

  /** Makes a call. */
  abstract SimCall start();

  /** Returns whether it never connects again. */
  abstract boolean stopped();

  /** Returns whether all is done that it has to do. */
  abstract boolean done();

  /** What it is, for the one who looks into a failure. */
  abstract String describe();

  abstract void onOver(Fault fault);

  @Override
  public final void onEnd(Fault fault) {
    call = null;
    if (fault != null && fault.code() == ErrorCode.INTERNAL) {
      world.book.fail("%s was told of a defect: %s", describe(), fault);
    }
    world.trace("ends", describe(), fault);
    onOver(fault);
    connect();
  }
}
