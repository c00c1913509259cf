package dev.weir.cli;

import dev.weir.cli.shell.CommandFailure;
import dev.weir.cli.shell.ErrorAdvice;
import dev.weir.client.PublisherListener;
import dev.weir.client.WeirException;
import dev.weir.v1.PublishOpened;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Reports to people what happens to a publisher, and keeps the first thing that ends the command.
 * Thread-safe.
 */
final class PublishReporter implements PublisherListener {
  private final PrintStream err;
  private final String server;
  private final AtomicReference<CommandFailure> failure = new AtomicReference<>();
  private boolean disconnected; // the client's callback thread only

  PublishReporter(PrintStream err, String server) {
    this.err = err;
    this.server = server;
  }

  /** Returns why the command has to stop, or null. */
  CommandFailure failure() {
    return failure.get();
  }

  @Override
  public void onConnected(PublishOpened opened) {
    if (disconnected) {
      disconnected = false;
      err.println("weir: connected to " + server + " again; going on where it was");
    }
  }

  @Override
  public void onDisconnected(WeirException cause, Duration retryIn) {
    if (!disconnected) {
      disconnected = true;
      err.println(
          "weir: the connection to " + server + " broke, trying again: " + cause.getMessage());
    }
  }

  @Override
  public void onRejected(int partition, int readings, WeirException cause) {
    failure.compareAndSet(
        null,
        new CommandFailure(
            "a batch of "
                + readings
                + " readings was refused, nothing of it is stored: "
                + ErrorAdvice.of(server, cause),
            cause));
  }

  @Override
  public void onLost(int partition, long fromSequence, long throughSequence) {
    failure.compareAndSet(
        null,
        new CommandFailure(
            "the server lost acknowledged batches of partition "
                + partition
                + ": "
                + fromSequence
                + " to "
                + throughSequence
                + "; publish their rows again"));
  }

  @Override
  public void onSpoolLoss(long readings, WeirException cause) {
    failure.compareAndSet(null, new CommandFailure(cause.getMessage(), cause));
  }
}
