package dev.weir.bench.peer;

/**
 * Thrown where a system is not available on this machine; the message gives the reason and the
 * remedy.
 */
public final class MissingPeer extends Exception {
  private static final long serialVersionUID = 1L;

  MissingPeer(String message) {
    super(message);
  }
}
