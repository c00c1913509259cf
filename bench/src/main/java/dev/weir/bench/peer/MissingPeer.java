package dev.weir.bench.peer;

/** A system that cannot be had on this machine; the message says why and what mends it. */
public final class MissingPeer extends Exception {
  private static final long serialVersionUID = 1L;

  MissingPeer(String message) {
    super(message);
  }
}
