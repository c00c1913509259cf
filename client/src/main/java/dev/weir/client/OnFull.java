package dev.weir.client;

/** Decides what {@code publish} does when the publisher's buffer is full. */
public enum OnFull {
  /** The caller waits, at most for the block timeout. */
  BLOCK,
  /** The call fails with a {@link WeirException} of reason {@link WeirException#BACK_PRESSURED}. */
  REFUSE
}
