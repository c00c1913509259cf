package dev.weir.client;

/** What {@code publish} does when the publisher's buffer is full. */
public enum OnFull {
  /** The caller waits, at most for the block timeout. */
  BLOCK,
  /** The caller is told by a {@link WeirException} with {@link WeirException#BACK_PRESSURED}. */
  REFUSE
}
