package dev.weir.client.internal.connection;

import com.google.protobuf.Duration;
import dev.weir.client.internal.threads.ClientLoop;
import dev.weir.common.OwnedBy;

/**
 * Sends a ping to the server at the interval that it asked for, and finds out when the server no
 * longer answers, which HTTP/2's own signs of life do not show through a proxy. Owned by its
 * session, on the loop.
 */
@OwnedBy("loop")
public final class PingMonitor {
  /** The feature that a client lists if it pings. */
  public static final String FEATURE = "ping";

  /** Intervals without a word after which the server is taken for gone. */
  private static final int SILENT_INTERVALS = 3;

  /** The text for a server that was silent for so long. */
  public static final String SILENT =
      "The server did not answer for "
          + SILENT_INTERVALS
          + " intervals of its ping_interval_ms. The client connects again.";

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /**
   * The longest time that sent data, such as a long message on a slow link, may be on its way; the
   * server has nothing to send meanwhile, because no ping passes it.
   */
  private static final long SENDING_NANOS_MAX = 60 * NANOS_PER_SECOND;

  private static final long SECONDS_MAX = 86_400;

  private final ClientLoop loop;
  private final EncodedMessage ping;
  private final Runnable gone;
  private StreamingCall<?> link;
  private ClientLoop.Timer timer;
  private long heardNanos;
  private long sendingNanos; // for how long what was sent has been on its way

  /**
   * @param ping a message that the server answers
   * @param gone runs when the server no longer answers
   */
  public PingMonitor(ClientLoop loop, EncodedMessage ping, Runnable gone) {
    this.loop = loop;
    this.ping = ping;
    this.gone = gone;
  }

  /** A session is open on a link; without an interval the server wants no pings. */
  public void start(StreamingCall<?> opened, Duration interval) {
    stop();
    long seconds = Math.min(SECONDS_MAX, interval.getSeconds());
    long nanos = seconds * NANOS_PER_SECOND + interval.getNanos();
    if (nanos > 0) {
      link = opened;
      sendingNanos = 0;
      heard();
      schedule(nanos);
    }
  }

  private void schedule(long intervalNanos) {
    timer = loop.schedule(() -> look(intervalNanos), intervalNanos);
  }

  private void look(long intervalNanos) {
    sendingNanos = link.isReady() ? 0 : sendingNanos + intervalNanos;
    boolean sending = sendingNanos > 0 && sendingNanos <= SENDING_NANOS_MAX;
    if (sending || !link.isListening()) {
      heard(); // it was not asked, or its answer waits for us
    }
    if (loop.nanoTime() - heardNanos >= SILENT_INTERVALS * intervalNanos) {
      timer = null;
      gone.run();
      return;
    }
    if (link.isReady()) {
      link.send(ping);
    }
    schedule(intervalNanos);
  }

  /** Something came from the server. */
  public void heard() {
    heardNanos = loop.nanoTime();
  }

  /** The link is left. */
  public void stop() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
