package dev.weir.client.internal.publish;

import dev.weir.common.OwnedBy;
import dev.weir.v1.Window;

/**
 * Counts what one session has sent that is neither acknowledged nor rejected, against what the
 * server allows. Owned by the sender, on the loop.
 */
@OwnedBy("loop")
final class SendWindow {
  private long batchesMax;
  private long bytesMax;
  private long batches;
  private long bytes;

  /** A new session; nothing is out. */
  void reset(Window window) {
    batches = 0;
    bytes = 0;
    update(window);
  }

  /** The newest window counts. */
  void update(Window window) {
    batchesMax = Integer.toUnsignedLong(window.getBatches());
    bytesMax = window.getBytes();
  }

  boolean hasRoom() {
    return batches < batchesMax && bytes < bytesMax;
  }

  /**
   * A message greater than the whole window may go when it is alone; the server judges its size.
   */
  boolean fits(int messageBytes) {
    return batches < batchesMax && (batches == 0 || bytes + messageBytes <= bytesMax);
  }

  void sent(int messageBytes) {
    batches++;
    bytes += messageBytes;
  }

  void settled(int messageBytes) {
    batches--;
    bytes -= messageBytes;
  }
}
