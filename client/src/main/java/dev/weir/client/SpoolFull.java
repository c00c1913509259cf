package dev.weir.client;

/** Decides what a spool does when it is full. */
public enum SpoolFull {
  /**
   * It takes no more until readings are stored: {@code publish} waits or is refused, as {@link
   * PublisherOptions#onFull()} decides.
   */
  REFUSE,
  /**
   * The oldest readings of which nothing can have been sent make room, at least a sixteenth of the
   * spool at once; {@link PublisherListener#onSpoolLoss} counts them. Where all may have been sent
   * it is as {@link #REFUSE}.
   */
  DROP_OLDEST
}
